# Builds the folder and the installer on Windows. Needs Python 3.11+ (64 bit) and Inno Setup 6.
# Not yet run: no Windows machine was at hand. Every step stops at its first error.
$ErrorActionPreference = "Stop"
Set-Location (Join-Path $PSScriptRoot "..\..")

function Step([string] $Program, [string[]] $Words) {
    & $Program @Words
    if ($LASTEXITCODE -ne 0) { throw "$Program $Words ended with $LASTEXITCODE" }
}

if (-not (Test-Path .venv)) { Step "py" @("-3", "-m", "venv", ".venv") }
$python = ".venv\Scripts\python.exe"
Step $python @("-m", "pip", "install", "--quiet", "-c", "constraints.txt", "-e", ".[package]")
Step $python @("packaging\build_info.py", "build\info")
Step $python @("packaging\icons.py", "build\icons")
Step $python @("-m", "PyInstaller", "packaging\lectern.spec", "--noconfirm", "--log-level", "WARN")
Step $python @("packaging\sbom.py", "dist\lectern", "build\lectern\PYZ-00.toc")
Step "dist\lectern\lectern-cli.exe" @("doctor")
$version = & $python -c "import app; print(app.__version__)"
$iscc = Join-Path ${env:ProgramFiles(x86)} "Inno Setup 6\ISCC.exe"
Step $iscc @("/DVersion=$version", "/DFolder=..\..\dist\lectern", "packaging\windows\lectern.iss")
Get-FileHash "dist\lectern-$version-windows-x86_64.exe" -Algorithm SHA256 | Format-List
