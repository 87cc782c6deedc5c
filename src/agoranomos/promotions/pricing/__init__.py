"""What an order costs under the campaigns that it uses: exact, in whole minor units."""
