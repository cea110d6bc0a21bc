"""What `polyroom doctor` looks at: one function a check, each answering with a finding and never raising."""
