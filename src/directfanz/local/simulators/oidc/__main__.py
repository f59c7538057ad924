from directfanz.local.simulators.oidc.main import main

main()
