"""The use cases, one file per noun. They know the domain and the ports, nothing else."""
