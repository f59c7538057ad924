# Where live streams are encoded. `ffmpeg` is our own streaming service on Fargate and needs nothing here. IVS suits many small
# channels; MediaLive a few large ones, into S3: MediaStore, which used to stand there, was retired in November 2025.

variable "name" { type = string }

variable "backend" {
  type = string
  validation {
    condition     = contains(["ffmpeg", "ivs", "medialive"], var.backend)
    error_message = "backend must be ffmpeg, ivs or medialive. MediaStore was retired; its place is taken by S3."
  }
}

variable "bucket" {
  description = "Segments and recordings."
  type        = string
}

variable "account_id" { type = string }

variable "ingest_cidrs" {
  description = "From where MediaLive takes streams."
  type        = list(string)
  default     = []
  validation {
    condition     = alltrue([for cidr in var.ingest_cidrs : can(cidrhost(cidr, 0))])
    error_message = "ingest_cidrs are networks such as 203.0.113.0/24."
  }
}

locals {
  ivs       = var.backend == "ivs" ? 1 : 0
  medialive = var.backend == "medialive" ? 1 : 0
  rungs = {
    "1080" = { width = 1920, height = 1080, bitrate = 4500000 }
    "720"  = { width = 1280, height = 720, bitrate = 2500000 }
    "480"  = { width = 854, height = 480, bitrate = 1200000 }
    "240"  = { width = 426, height = 240, bitrate = 400000 }
  }
}

resource "aws_ivs_recording_configuration" "this" {
  count = local.ivs
  name  = var.name
  destination_configuration {
    s3 { bucket_name = var.bucket }
  }
}

resource "aws_iam_role" "medialive" {
  count = local.medialive
  name  = "${var.name}-medialive"
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow", Action = "sts:AssumeRole", Principal = { Service = "medialive.amazonaws.com" }
      Condition = { StringEquals = { "aws:SourceAccount" = var.account_id } }
    }]
  })
}

resource "aws_iam_role_policy" "medialive" {
  count = local.medialive
  name  = "write-segments"
  role  = aws_iam_role.medialive[0].id
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = ["s3:PutObject"], Resource = ["arn:aws:s3:::${var.bucket}/live/*"] }]
  })
}

resource "aws_medialive_input_security_group" "this" {
  count = local.medialive
  dynamic "whitelist_rules" {
    for_each = var.ingest_cidrs
    content { cidr = whitelist_rules.value }
  }
  lifecycle {
    precondition {
      condition     = length(var.ingest_cidrs) > 0
      error_message = "MediaLive needs ingest_cidrs: it would take no stream."
    }
  }
}

resource "aws_medialive_input" "this" {
  count                 = local.medialive
  name                  = var.name
  type                  = "RTMP_PUSH"
  input_security_groups = [aws_medialive_input_security_group.this[0].id]
  destinations { stream_name = "live/one" }
}

resource "aws_medialive_channel" "this" {
  count         = local.medialive
  name          = var.name
  channel_class = "SINGLE_PIPELINE"
  role_arn      = aws_iam_role.medialive[0].arn
  input_specification {
    codec            = "AVC"
    input_resolution = "HD"
    maximum_bitrate  = "MAX_20_MBPS"
  }
  input_attachments {
    input_attachment_name = "camera"
    input_id              = aws_medialive_input.this[0].id
  }
  destinations {
    id = "bucket"
    settings { url = "s3://${var.bucket}/live/index" }
  }
  encoder_settings {
    timecode_config { source = "SYSTEMCLOCK" }
    audio_descriptions {
      audio_selector_name = "sound"
      name                = "sound"
      codec_settings {
        aac_settings {
          bitrate     = 128000
          sample_rate = 48000
          coding_mode = "CODING_MODE_2_0"
        }
      }
    }
    dynamic "video_descriptions" {
      for_each = local.rungs
      content {
        name   = "v${video_descriptions.key}"
        width  = video_descriptions.value.width
        height = video_descriptions.value.height
        codec_settings {
          h264_settings {
            bitrate               = video_descriptions.value.bitrate
            framerate_control     = "SPECIFIED"
            framerate_numerator   = 30
            framerate_denominator = 1
            gop_size              = 2
            gop_size_units        = "SECONDS"
            rate_control_mode     = "CBR"
          }
        }
      }
    }
    output_groups {
      name = "hls"
      output_group_settings {
        hls_group_settings {
          destination { destination_ref_id = "bucket" }
          segment_length = 2
          hls_cdn_settings {
            hls_s3_settings { canned_acl = "BUCKET_OWNER_FULL_CONTROL" }
          }
        }
      }
      dynamic "outputs" {
        for_each = local.rungs
        content {
          output_name             = "o${outputs.key}"
          video_description_name  = "v${outputs.key}"
          audio_description_names = ["sound"]
          output_settings {
            hls_output_settings {
              name_modifier = "_${outputs.key}"
              hls_settings {
                standard_hls_settings {
                  m3u8_settings {}
                }
              }
            }
          }
        }
      }
    }
  }
}

# For those who package with MediaPackage: the group under which channels and endpoints are made. This provider knows no more of its
# second version, so those two are made in the console; until then segments go to S3.
resource "aws_media_packagev2_channel_group" "this" {
  count       = local.medialive
  name        = var.name
  description = "Live of ${var.name}"
}

output "recording_configuration_arn" { value = one(aws_ivs_recording_configuration.this[*].arn) }
output "channel_arn" { value = one(aws_medialive_channel.this[*].arn) }
output "role_arn" { value = one(aws_iam_role.medialive[*].arn) }
output "security_group_id" { value = one(aws_medialive_input_security_group.this[*].id) }
