"""polyroom: one self-hosted server for live video rooms behind four vendors' room APIs."""
