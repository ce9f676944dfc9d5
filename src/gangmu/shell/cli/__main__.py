from gangmu.shell.cli import console

console()
