# Live, video on demand, and moving in from elsewhere: each stands only when it is wanted.
mock_provider "aws" {
  mock_resource "aws_iam_role" {
    defaults = { arn = "arn:aws:iam::123456789012:role/test" }
  }
  mock_resource "aws_dms_replication_instance" {
    defaults = { replication_instance_arn = "arn:aws:dms:us-east-1:123456789012:rep:TEST" }
  }
  mock_resource "aws_dms_endpoint" {
    defaults = { endpoint_arn = "arn:aws:dms:us-east-1:123456789012:endpoint:TEST" }
  }
}

variables {
  name       = "directfanz-test"
  region     = "us-east-1"
  account_id = "123456789012"
  key_arn    = "arn:aws:kms:us-east-1:123456789012:key/00000000-0000-0000-0000-000000000000"
  bucket     = "directfanz-test-media"
  buckets    = { source = "directfanz-test-uploads", target = "directfanz-test-media" }
  subnet_ids = ["subnet-1", "subnet-2"]
  group_id   = "sg-1"
}

run "our_own_encoder_needs_nothing" {
  command = plan
  module { source = "../../modules/live" }
  variables { backend = "ffmpeg" }
  assert {
    condition     = length(aws_medialive_channel.this) + length(aws_ivs_recording_configuration.this) + length(aws_media_packagev2_channel_group.this) == 0
    error_message = "Nothing of AWS's stands beside our own service."
  }
}

run "medialive_has_a_ladder_and_an_origin" {
  command = plan
  module { source = "../../modules/live" }
  variables {
    backend      = "medialive"
    ingest_cidrs = ["203.0.113.0/24"]
  }
  assert {
    condition     = length(aws_medialive_channel.this[0].encoder_settings[0].video_descriptions) == 4 && length(aws_media_packagev2_channel_group.this) == 1
    error_message = "Four sizes, and a group for those who package with MediaPackage."
  }
}

run "medialive_that_takes_no_stream" {
  command = plan
  module { source = "../../modules/live" }
  variables { backend = "medialive" }
  expect_failures = [aws_medialive_input_security_group.this]
}

run "ivs_records_into_our_bucket" {
  command = plan
  module { source = "../../modules/live" }
  variables { backend = "ivs" }
  assert {
    condition     = aws_ivs_recording_configuration.this[0].destination_configuration[0].s3[0].bucket_name == "directfanz-test-media"
    error_message = "What was live is kept where films are."
  }
}

run "mediaconvert_reads_originals_and_writes_renditions" {
  command = plan
  module { source = "../../modules/vod" }
  variables { backend = "mediaconvert" }
  assert {
    condition     = aws_media_convert_queue.this[0].pricing_plan == "ON_DEMAND" && strcontains(aws_iam_role_policy.this[0].policy, "arn:aws:s3:::directfanz-test-uploads/*")
    error_message = "Paid by the minute, with the rights for its two buckets."
  }
}

run "our_own_worker_needs_no_queue" {
  command = plan
  module { source = "../../modules/vod" }
  variables { backend = "ffmpeg" }
  assert {
    condition     = length(aws_media_convert_queue.this) == 0 && length(aws_iam_role.this) == 0
    error_message = "Nothing stands that nobody uses."
  }
}

run "an_encoder_that_nobody_knows" {
  command = plan
  module { source = "../../modules/vod" }
  variables { backend = "elastictranscoder" }
  expect_failures = [var.backend]
}

run "moving_in_is_checked_and_begun_by_a_person" {
  command = plan
  module { source = "../../modules/migration" }
  variables {
    source_database = { host = "old.example.com", port = 5432, name = "old", secret_arn = "arn:aws:secretsmanager:us-east-1:123456789012:secret:old" }
    target_database = { name = "directfanz", secret_arn = "arn:aws:secretsmanager:us-east-1:123456789012:secret:new" }
  }
  assert {
    condition     = !aws_dms_replication_instance.this.publicly_accessible && alltrue([for end in aws_dms_endpoint.this : end.ssl_mode == "require"]) && !aws_dms_replication_task.this.start_replication_task
    error_message = "Private, encrypted, and it waits for somebody to begin it."
  }
}

run "a_source_without_a_name" {
  command = plan
  module { source = "../../modules/migration" }
  variables {
    source_database = { host = "not a host", port = 5432, name = "old", secret_arn = "x" }
    target_database = { name = "directfanz", secret_arn = "x" }
  }
  expect_failures = [var.source_database]
}
