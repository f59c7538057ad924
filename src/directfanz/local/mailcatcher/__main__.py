from directfanz.local.mailcatcher.main import main

main()
