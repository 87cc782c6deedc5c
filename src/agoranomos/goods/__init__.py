"""The goods desk: nothing fake on the shelf."""
