"""What every dialect needs of HTTP and none of its vendor: bodies, methods, documents. It knows no dialect."""
