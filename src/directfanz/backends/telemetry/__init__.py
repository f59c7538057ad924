from directfanz.backends.telemetry.opening import open_telemetry as open_telemetry
