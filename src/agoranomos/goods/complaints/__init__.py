"""What buyers say: who says or suspects that the goods are fake, and where such voices gather."""
