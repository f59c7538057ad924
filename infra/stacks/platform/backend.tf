# Bucket, key and region come from `directfanz aws`; S3 itself keeps the lock.
terraform {
  backend "s3" {
    use_lockfile = true
    encrypt      = true
  }
}
