"""What runs in Lambda; it needs nothing but boto3, which Lambda has."""
