from directfanz.local.simulators.stripe.main import main

main()
