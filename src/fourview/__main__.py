from fourview.cli.app import main

main()
