"""What people reported, a subject in each file."""
