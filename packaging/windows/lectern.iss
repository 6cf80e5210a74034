; Inno Setup 6: iscc /DVersion=0.1.0 /DFolder=..\..\dist\lectern packaging\windows\lectern.iss
; Per user, without administrator rights. Not yet run: no Windows machine was at hand.
#ifndef Version
  #define Version "0.0.0"
#endif
#ifndef Folder
  #define Folder "..\..\dist\lectern"
#endif

[Setup]
AppId={{6E6B6E0B-5C57-4F1B-9E0B-2D9C9B0D6A41}
AppName=Lectern
AppVersion={#Version}
AppPublisher=The Lectern developers
DefaultDirName={localappdata}\Programs\Lectern
DefaultGroupName=Lectern
PrivilegesRequired=lowest
ArchitecturesAllowed=x64compatible
ArchitecturesInstallIn64BitMode=x64compatible
MinVersion=10.0.17763
Compression=lzma2/max
SolidCompression=yes
LZMANumBlockThreads=4
LicenseFile=..\..\LICENSE
SetupIconFile=..\..\build\icons\lectern.ico
UninstallDisplayIcon={app}\Lectern.exe
OutputDir=..\..\dist
OutputBaseFilename=lectern-{#Version}-windows-x86_64
ChangesAssociations=yes
CloseApplications=yes
DisableProgramGroupPage=yes

[Languages]
Name: "en"; MessagesFile: "compiler:Default.isl"
Name: "de"; MessagesFile: "compiler:Languages\German.isl"

[Tasks]
Name: "desktopicon"; Description: "{cm:CreateDesktopIcon}"; Flags: unchecked
Name: "openwith"; Description: "{cm:AssocFileExtension,Lectern,PDF}"

[Files]
Source: "{#Folder}\*"; DestDir: "{app}"; Flags: ignoreversion recursesubdirs createallsubdirs

[Icons]
Name: "{group}\Lectern"; Filename: "{app}\Lectern.exe"; AppUserModelID: "org.lectern.Lectern"
Name: "{userdesktop}\Lectern"; Filename: "{app}\Lectern.exe"; Tasks: desktopicon

[Registry]
; "Open with" only: no file type is taken away from the program that has it.
Root: HKCU; Subkey: "Software\Classes\Applications\Lectern.exe"; ValueType: string; ValueName: "FriendlyAppName"; ValueData: "Lectern"; Flags: uninsdeletekey; Tasks: openwith
Root: HKCU; Subkey: "Software\Classes\Applications\Lectern.exe\shell\open\command"; ValueType: string; ValueData: """{app}\Lectern.exe"" ""%1"""; Tasks: openwith
#define Type(Suffix) 'Root: HKCU; Subkey: "Software\Classes\Applications\Lectern.exe\SupportedTypes"; ValueType: string; ValueName: "' + Suffix + '"; ValueData: ""; Tasks: openwith'
#emit Type(".cbz")
#emit Type(".png")
#emit Type(".jpg")
#emit Type(".jpeg")
#emit Type(".jpe")
#emit Type(".jfif")
#emit Type(".gif")
#emit Type(".tif")
#emit Type(".tiff")
#emit Type(".webp")
#emit Type(".heic")
#emit Type(".heif")
#emit Type(".hif")
#emit Type(".avif")
#emit Type(".jp2")
#emit Type(".j2k")
#emit Type(".j2c")
#emit Type(".jpf")
#emit Type(".jpx")
#emit Type(".bmp")
#emit Type(".dib")
#emit Type(".wav")
#emit Type(".flac")
#emit Type(".mp3")
#emit Type(".ogg")
#emit Type(".oga")
#emit Type(".opus")
#emit Type(".spx")
#emit Type(".m4a")
#emit Type(".m4b")
#emit Type(".aac")
#emit Type(".aif")
#emit Type(".aiff")
#emit Type(".amr")
#emit Type(".mkv")
#emit Type(".webm")
#emit Type(".mpg")
#emit Type(".mpeg")
#emit Type(".vob")
#emit Type(".wmv")
#emit Type(".asf")
#emit Type(".avi")
#emit Type(".mp4")
#emit Type(".m4v")
#emit Type(".mov")
#emit Type(".qt")
#emit Type(".3gp")
#emit Type(".3g2")
#emit Type(".pdf")
#emit Type(".docx")
#emit Type(".docm")
#emit Type(".dotx")
#emit Type(".dotm")
#emit Type(".rtf")
#emit Type(".txt")
#emit Type(".text")
#emit Type(".md")
#emit Type(".markdown")
#emit Type(".mdown")
#emit Type(".srt")
#emit Type(".vtt")
#emit Type(".xlsx")
#emit Type(".xlsm")
#emit Type(".xltx")
#emit Type(".xltm")
#emit Type(".xls")
#emit Type(".xlt")
#emit Type(".csv")
#emit Type(".tsv")
#emit Type(".tab")
#emit Type(".pptx")
#emit Type(".pptm")
#emit Type(".ppsx")
#emit Type(".ppsm")
#emit Type(".potx")
#emit Type(".potm")
#emit Type(".odt")
#emit Type(".ott")
#emit Type(".ods")
#emit Type(".ots")
#emit Type(".odp")
#emit Type(".otp")
#emit Type(".eml")
#emit Type(".mht")
#emit Type(".mhtml")
#emit Type(".msg")
#emit Type(".tnef")
#emit Type(".mbox")
#emit Type(".html")
#emit Type(".htm")
#emit Type(".xhtml")
#emit Type(".epub")
#emit Type(".fb2")
#emit Type(".fbz")
#emit Type(".mobi")
#emit Type(".prc")
#emit Type(".xps")
#emit Type(".oxps")

[Run]
Filename: "{app}\Lectern.exe"; Description: "{cm:LaunchProgram,Lectern}"; Flags: nowait postinstall skipifsilent
