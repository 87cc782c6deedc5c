"""What buyers say: which complaints, returns and reviews say or suspect that the goods are fake, and where they gather."""
