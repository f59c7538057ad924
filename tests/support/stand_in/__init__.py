"""moto, and answers for the few operations that it lacks or gets wrong: enough for Terraform to apply all of `infra/`.

It shows that requests are well formed, waiters end and what was written can be read. It is no judge of what AWS would accept.
"""
