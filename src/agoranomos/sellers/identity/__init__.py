"""Whether an application says who somebody is: numbers, names, documents, photos, and a person behind them."""
