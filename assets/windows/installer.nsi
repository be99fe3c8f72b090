; The installer for one person: no administrator is asked, nothing outside their own folders and
; their own part of the registry is touched. Made by package.sh.

Unicode true
ManifestDPIAware true
RequestExecutionLevel user
SetCompressor /SOLID lzma

!include "MUI2.nsh"

!define UNINSTALL "Software\Microsoft\Windows\CurrentVersion\Uninstall\Ketnoi"
; What opens a saved report. Windows knows endings by their last part only, and .json is not ours to
; take: Ketnoi is offered in the list of "Open with" for it.
!define CLASS "Software\Classes\Applications\ketnoi.exe"

Name "Kết Nối"
OutFile "${OUT}"
InstallDir "$LOCALAPPDATA\Programs\Ketnoi"
InstallDirRegKey HKCU "${UNINSTALL}" "InstallLocation"

VIProductVersion "${VERSION}.0"
VIAddVersionKey "ProductName" "Ketnoi"
VIAddVersionKey "FileDescription" "Ketnoi setup"
VIAddVersionKey "FileVersion" "${VERSION}"
VIAddVersionKey "ProductVersion" "${VERSION}"
VIAddVersionKey "LegalCopyright" "MIT OR Apache-2.0"

!define MUI_ICON "${ICON}"
!define MUI_UNICON "${ICON}"
!define MUI_FINISHPAGE_RUN "$INSTDIR\ketnoi.exe"
!insertmacro MUI_PAGE_DIRECTORY
!insertmacro MUI_PAGE_INSTFILES
!insertmacro MUI_PAGE_FINISH
!insertmacro MUI_UNPAGE_CONFIRM
!insertmacro MUI_UNPAGE_INSTFILES
; The system's language chooses; the first where it is none of these.
!insertmacro MUI_LANGUAGE "English"
!insertmacro MUI_LANGUAGE "Vietnamese"

Section
  SetOutPath "$INSTDIR"
  File "${PROGRAMS}/*"
  WriteUninstaller "$INSTDIR\uninstall.exe"
  CreateShortCut "$SMPROGRAMS\Kết Nối.lnk" "$INSTDIR\ketnoi.exe"
  WriteRegStr HKCU "${CLASS}" "FriendlyAppName" "Kết Nối"
  WriteRegStr HKCU "${CLASS}\SupportedTypes" ".json" ""
  WriteRegStr HKCU "${CLASS}\shell\open\command" "" '"$INSTDIR\ketnoi.exe" "%1"'
  WriteRegStr HKCU "Software\Classes\.json\OpenWithList\ketnoi.exe" "" ""
  System::Call 'shell32::SHChangeNotify(i 0x08000000, i 0, p 0, p 0)'
  WriteRegStr HKCU "${UNINSTALL}" "DisplayName" "Kết Nối"
  WriteRegStr HKCU "${UNINSTALL}" "DisplayVersion" "${VERSION}"
  WriteRegStr HKCU "${UNINSTALL}" "DisplayIcon" "$INSTDIR\ketnoi.exe"
  WriteRegStr HKCU "${UNINSTALL}" "InstallLocation" "$INSTDIR"
  WriteRegStr HKCU "${UNINSTALL}" "UninstallString" '"$INSTDIR\uninstall.exe"'
  WriteRegStr HKCU "${UNINSTALL}" "QuietUninstallString" '"$INSTDIR\uninstall.exe" /S'
  WriteRegDWORD HKCU "${UNINSTALL}" "NoModify" 1
  WriteRegDWORD HKCU "${UNINSTALL}" "NoRepair" 1
SectionEnd

; The person's settings, which are elsewhere, stay.
Section "Uninstall"
  Delete "$INSTDIR\ketnoi.exe"
  Delete "$INSTDIR\ketnoi-cli.exe"
  Delete "$INSTDIR\LICENSE-MIT"
  Delete "$INSTDIR\LICENSE-APACHE"
  Delete "$INSTDIR\Inter-OFL.txt"
  Delete "$INSTDIR\JetBrainsMono-OFL.txt"
  Delete "$INSTDIR\ketnoi-report-1.schema.json"
  Delete "$INSTDIR\ketnoi-local-1.schema.json"
  Delete "$INSTDIR\ketnoi-ends-1.schema.json"
  Delete "$INSTDIR\uninstall.exe"
  RMDir "$INSTDIR"
  Delete "$SMPROGRAMS\Kết Nối.lnk"
  DeleteRegKey HKCU "${CLASS}"
  DeleteRegKey HKCU "Software\Classes\.json\OpenWithList\ketnoi.exe"
  System::Call 'shell32::SHChangeNotify(i 0x08000000, i 0, p 0, p 0)'
  DeleteRegKey HKCU "${UNINSTALL}"
SectionEnd
