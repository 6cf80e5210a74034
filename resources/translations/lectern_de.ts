<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="de">
  <context>
    <name>Lectern</name>
    <message>
      <location filename="app/chat/compare/aligning.py" />
      <source>The comparison was stopped.</source>
      <translation>Der Vergleich wurde angehalten.</translation>
    </message>
    <message>
      <location filename="app/chat/compare/export.py" />
      <source>a number</source>
      <translation>eine Zahl</translation>
    </message>
    <message>
      <location filename="app/chat/compare/export.py" />
      <source>No difference in the text was found.</source>
      <translation>Im Text wurde kein Unterschied gefunden.</translation>
    </message>
    <message>
      <location filename="app/chat/compare/export.py" />
      <source>Changed</source>
      <translation>Geändert</translation>
    </message>
    <message>
      <location filename="app/chat/compare/export.py" />
      <source>Added</source>
      <translation>Hinzugefügt</translation>
    </message>
    <message>
      <location filename="app/chat/compare/export.py" />
      <source>Removed</source>
      <translation>Entfernt</translation>
    </message>
    <message>
      <location filename="app/chat/compare/export.py" />
      <source>Moved</source>
      <translation>Verschoben</translation>
    </message>
    <message>
      <location filename="app/chat/compare/export.py" />
      <source>{before} → {after}</source>
      <translation>{before} → {after}</translation>
    </message>
    <message>
      <location filename="app/chat/compare/export.py" />
      <source>page {number}</source>
      <translation>Seite {number}</translation>
    </message>
    <message>
      <location filename="app/chat/evidence/checking.py" />
      <source>This quotation was not found in the attached files.</source>
      <translation>Dieses Zitat wurde in den angehängten Dateien nicht gefunden.</translation>
    </message>
    <message>
      <location filename="app/chat/evidence/checking.py" />
      <source>Found on page {page} of {name}, not where the answer cites it.</source>
      <translation>Gefunden auf Seite {page} von {name}, nicht an der Stelle, die die Antwort nennt.</translation>
    </message>
    <message>
      <location filename="app/chat/evidence/checking.py" />
      <source>{time} could be in any of these videos: {names}.</source>
      <translation>{time} kann in jedem dieser Videos gemeint sein: {names}.</translation>
    </message>
    <message>
      <location filename="app/chat/evidence/checking.py" />
      <source>A frame near {time} was shown to the model; please check it yourself.</source>
      <translation>Ein Einzelbild um {time} wurde dem Modell gezeigt; bitte sehen Sie selbst nach.</translation>
    </message>
    <message>
      <location filename="app/chat/evidence/checking.py" />
      <source>The text there was read from a picture; compare it with the picture.</source>
      <translation>Der Text dort wurde aus einem Bild gelesen; bitte mit dem Bild vergleichen.</translation>
    </message>
    <message>
      <location filename="app/chat/evidence/checking.py" />
      <source>This quotation was not found in {name}.</source>
      <translation>Dieses Zitat wurde in {name} nicht gefunden.</translation>
    </message>
    <message>
      <location filename="app/chat/evidence/checking.py" />
      <source>No attached file has this name.</source>
      <translation>Keine Datei dieses Namens ist angehängt.</translation>
    </message>
    <message>
      <location filename="app/chat/evidence/checking.py" />
      <source>None of the attached videos is as long as {time}.</source>
      <translation>Keines der angehängten Videos reicht bis {time}.</translation>
    </message>
    <message>
      <location filename="app/chat/evidence/checking.py" />
      <source>{name} ends at {end}.</source>
      <translation>{name} endet bei {end}.</translation>
    </message>
    <message>
      <location filename="app/chat/evidence/checking.py" />
      <source>No frame near {time} was shown to the model.</source>
      <translation>Kein Einzelbild um {time} wurde dem Modell gezeigt.</translation>
    </message>
    <message>
      <location filename="app/chat/evidence/checking.py" />
      <source>{name} has no transcript; please listen to that place yourself.</source>
      <translation>{name} hat keine Mitschrift; bitte hören Sie die Stelle selbst an.</translation>
    </message>
    <message>
      <location filename="app/chat/evidence/checking.py" />
      <source>Not in the text of page {page}. Pictures on it are not searched.</source>
      <translation>Nicht im Text von Seite {page}. Bilder auf der Seite werden nicht durchsucht.</translation>
    </message>
    <message>
      <location filename="app/chat/evidence/checking.py" />
      <source>Not found in the transcript of this place; please check it yourself.</source>
      <translation>Nicht in der Mitschrift dieser Stelle gefunden; bitte sehen Sie selbst nach.</translation>
    </message>
    <message>
      <location filename="app/chat/evidence/citing.py" />
      <source>{sign} {words}</source>
      <translation>{sign} {words}</translation>
    </message>
    <message>
      <location filename="app/chat/evidence/citing.py" />
      <source>p. {number}</source>
      <translation>S. {number}</translation>
    </message>
    <message>
      <location filename="app/chat/evidence/citing.py" />
      <source>{name}, {place}</source>
      <translation>{name}, {place}</translation>
    </message>
    <message>
      <location filename="app/chat/evidence/citing.py" />
      <source>not found</source>
      <translation>nicht gefunden</translation>
    </message>
    <message>
      <location filename="app/chat/evidence/citing.py" />
      <source>Found</source>
      <translation>Gefunden</translation>
    </message>
    <message>
      <location filename="app/chat/evidence/citing.py" />
      <source>Found in the picture's text</source>
      <translation>Im Text des Bildes gefunden</translation>
    </message>
    <message>
      <location filename="app/chat/evidence/citing.py" />
      <source>Heard by a model</source>
      <translation>Von einem Modell gehört</translation>
    </message>
    <message>
      <location filename="app/chat/evidence/citing.py" />
      <source>Found elsewhere</source>
      <translation>Anderswo gefunden</translation>
    </message>
    <message>
      <location filename="app/chat/evidence/citing.py" />
      <source>Cannot be checked automatically</source>
      <translation>Nicht automatisch prüfbar</translation>
    </message>
    <message>
      <location filename="app/chat/evidence/citing.py" />
      <source>Not found</source>
      <translation>Nicht gefunden</translation>
    </message>
    <message>
      <location filename="app/chat/evidence/citing.py" />
      <source>{words}: not found</source>
      <translation>{words}: nicht gefunden</translation>
    </message>
    <message>
      <location filename="app/chat/evidence/pages.py" />
      <source>The answer cites this place but quotes nothing that could be checked.</source>
      <translation>Die Antwort nennt diese Stelle, zitiert aber nichts, was sich prüfen ließe.</translation>
    </message>
    <message>
      <location filename="app/chat/evidence/pages.py" />
      <source>The quotation may be in a picture on page {page}; please check it yourself.</source>
      <translation>Das Zitat steht womöglich in einem Bild auf Seite {page}; bitte sehen Sie selbst nach.</translation>
    </message>
    <message>
      <location filename="app/chat/evidence/pages.py" />
      <source>Found on page {page} of {name}.</source>
      <translation>Gefunden auf Seite {page} von {name}.</translation>
    </message>
    <message>
      <location filename="app/chat/evidence/pages.py" />
      <source>Only a part of this page's picture was read; please check it yourself.</source>
      <translation>Vom Bild dieser Seite wurde nur ein Teil gelesen; bitte selbst nachsehen.</translation>
    </message>
    <message>
      <location filename="app/chat/evidence/pages.py" />
      <source>Parts of this page were hard to read; please check it yourself.</source>
      <translation>Teile dieser Seite waren schwer zu lesen; bitte selbst nachsehen.</translation>
    </message>
    <message>
      <location filename="app/chat/evidence/pages.py" />
      <source>{name} is a picture, so its text cannot be searched; please check it yourself.</source>
      <translation>{name} ist ein Bild, daher lässt sich sein Text nicht durchsuchen; bitte sehen Sie selbst nach.</translation>
    </message>
    <message>
      <location filename="app/chat/evidence/pages.py" />
      <source>Page {page} has no searchable text; please check it yourself.</source>
      <translation>Seite {page} hat keinen Text, der sich durchsuchen ließe; bitte sehen Sie selbst nach.</translation>
    </message>
    <message>
      <location filename="app/chat/evidence/pages.py" />
      <source>Found in a comment on page {page} of {name}, not in the page's own text.</source>
      <translation>In einem Kommentar auf Seite {page} von {name} gefunden, nicht im Text der Seite selbst.</translation>
    </message>
    <message>
      <location filename="app/chat/evidence/pages.py" />
      <source>Found at {spot} in {name}, on page {page}.</source>
      <translation>Gefunden bei {spot} in {name}, auf Seite {page}.</translation>
    </message>
    <message>
      <location filename="app/chat/evidence/pages.py" />
      <source>{name} has only {count} pages.</source>
      <translation>{name} hat nur {count} Seiten.</translation>
    </message>
    <message>
      <location filename="app/chat/evidence/pages.py" />
      <source>Page {page} was not read: {why}</source>
      <translation>Seite {page} wurde nicht gelesen: {why}</translation>
    </message>
    <message>
      <location filename="app/chat/evidence/said.py" />
      <source>Said at {time} in {name}, not where the answer cites it.</source>
      <translation>Gesagt bei {time} in {name}, nicht an der in der Antwort genannten Stelle.</translation>
    </message>
    <message>
      <location filename="app/chat/evidence/said.py" />
      <source>A model heard these words at {time} in {name}; listen to that place.</source>
      <translation>Ein Modell hat diese Worte bei {time} in {name} gehört; hören Sie die Stelle an.</translation>
    </message>
    <message>
      <location filename="app/chat/evidence/said.py" />
      <source>Found in the text that was read from the frame at {time} in {name}.</source>
      <translation>Gefunden in dem Text, der aus dem Einzelbild bei {time} in {name} gelesen wurde.</translation>
    </message>
    <message>
      <location filename="app/chat/evidence/said.py" />
      <source>Found in the chapters of {name} at {time}.</source>
      <translation>Gefunden in den Kapiteln von {name} bei {time}.</translation>
    </message>
    <message>
      <location filename="app/chat/evidence/said.py" />
      <source>Found in the subtitles of {name} at {time}.</source>
      <translation>Gefunden in den Untertiteln von {name} bei {time}.</translation>
    </message>
    <message>
      <location filename="app/chat/evidence/scanned.py" />
      <source>Not in the text that was read from the picture of page {page}.</source>
      <translation>Nicht in dem Text, der aus dem Bild von Seite {page} gelesen wurde.</translation>
    </message>
    <message>
      <location filename="app/chat/evidence/scanned.py" />
      <source>Found in the text that was read from {name}; compare it with the picture.</source>
      <translation>In dem Text gefunden, der aus {name} gelesen wurde; bitte mit dem Bild vergleichen.</translation>
    </message>
    <message>
      <location filename="app/chat/evidence/scanned.py" />
      <source>Found in the text that was read from the picture of page {page} of {name}; compare it with the picture.</source>
      <translation>In dem Text gefunden, der aus dem Bild von Seite {page} von {name} gelesen wurde; bitte mit dem Bild vergleichen.</translation>
    </message>
    <message>
      <location filename="app/chat/evidence/scanned.py" />
      <source>Not in the text that was read from {name}.</source>
      <translation>Nicht in dem Text, der aus {name} gelesen wurde.</translation>
    </message>
    <message>
      <location filename="app/chat/evidence/scanned.py" />
      <source>It was read as “{words}”.</source>
      <translation>Gelesen wurde „{words}“.</translation>
    </message>
    <message>
      <location filename="app/chat/evidence/scanned.py" />
      <source>A number was read as “{first}” at first and as “{second}” on a closer look; please check it yourself.</source>
      <translation>Eine Zahl wurde als „{first}“ und bei genauerem Hinsehen als „{second}“ gelesen; bitte selbst nachsehen.</translation>
    </message>
    <message>
      <location filename="app/chat/extract/answers.py" />
      <source>The answer about this page was cut off; rows may be missing.</source>
      <translation>Die Antwort zu dieser Seite wurde abgeschnitten; Zeilen können fehlen.</translation>
    </message>
    <message>
      <location filename="app/chat/extract/answers.py" />
      <source>The answer about this page has too many rows; the rest was left out.</source>
      <translation>Die Antwort zu dieser Seite hat zu viele Zeilen; der Rest wurde ausgelassen.</translation>
    </message>
    <message>
      <location filename="app/chat/extract/answers.py" />
      <source>The answer about this page was not a table.</source>
      <translation>Die Antwort zu dieser Seite war keine Tabelle.</translation>
    </message>
    <message>
      <location filename="app/chat/extract/asking.py" />
      <source>The model started repeating itself on this page, so the answer was stopped; rows may be missing.</source>
      <translation>Das Modell begann sich bei dieser Seite zu wiederholen, deshalb wurde die Antwort beendet; es können Zeilen fehlen.</translation>
    </message>
    <message>
      <location filename="app/chat/extract/asking.py" />
      <source>Not read: {reason}</source>
      <translation>Nicht gelesen: {reason}</translation>
    </message>
    <message>
      <location filename="app/chat/extract/asking.py" />
      <source>The sample model cannot check a whole video.</source>
      <translation>Das Beispielmodell kann kein ganzes Video prüfen.</translation>
    </message>
    <message>
      <location filename="app/chat/extract/rows.py" />
      <source>This quotation was not found in the transcript.</source>
      <translation>Dieses Zitat wurde in der Mitschrift nicht gefunden.</translation>
    </message>
    <message>
      <location filename="app/chat/extract/rows.py" />
      <source>Read from the picture of page {page}; compare it with the picture.</source>
      <translation>Aus dem Bild von Seite {page} gelesen; bitte mit dem Bild vergleichen.</translation>
    </message>
    <message>
      <location filename="app/chat/extract/rows.py" />
      <source>This quotation was not found on page {page}.</source>
      <translation>Dieses Zitat wurde auf Seite {page} nicht gefunden.</translation>
    </message>
    <message>
      <location filename="app/chat/extract/rows.py" />
      <source>A model heard this; listen to that place.</source>
      <translation>Ein Modell hat dies gehört; hören Sie die Stelle an.</translation>
    </message>
    <message>
      <location filename="app/chat/extract/rows.py" />
      <source>Not found in the transcript; please check the video yourself.</source>
      <translation>Nicht in der Mitschrift gefunden; bitte sehen Sie sich das Video selbst an.</translation>
    </message>
    <message>
      <location filename="app/chat/extract/rows.py" />
      <source>Nothing was quoted for this row.</source>
      <translation>Für diese Zeile wurde nichts zitiert.</translation>
    </message>
    <message>
      <location filename="app/chat/extract/rows.py" />
      <source>Page {page} was read as a picture; please check it yourself.</source>
      <translation>Seite {page} wurde als Bild gelesen; bitte selbst prüfen.</translation>
    </message>
    <message>
      <location filename="app/chat/extract/rows.py" />
      <source>“{value}” is not on page {page}.</source>
      <translation>„{value}“ steht nicht auf Seite {page}.</translation>
    </message>
    <message>
      <location filename="app/chat/extract/rows.py" />
      <source>A row without “{column}” was left out.</source>
      <translation>Eine Zeile ohne „{column}“ wurde ausgelassen.</translation>
    </message>
    <message>
      <location filename="app/chat/extract/run.py" />
      <source>{name}, page {page}: {words}</source>
      <translation>{name}, Seite {page}: {words}</translation>
    </message>
    <message>
      <location filename="app/chat/extract/run.py" />
      <source>{name}, page {page}</source>
      <translation>{name}, Seite {page}</translation>
    </message>
    <message numerus="yes">
      <location filename="app/chat/extract/run.py" />
      <source>{n} rows</source>
      <extracomment>{n} row</extracomment>
      <translation>
        <numerusform>{n} Zeile</numerusform>
        <numerusform>{n} Zeilen</numerusform>
      </translation>
    </message>
    <message>
      <location filename="app/chat/extract/run.py" />
      <source>{columns} are required, but no page has all of them.</source>
      <translation>{columns} sind Pflicht, aber keine Seite enthält alle davon.</translation>
    </message>
    <message>
      <location filename="app/chat/extract/run.py" />
      <source>{name}, {time}: {words}</source>
      <translation>{name}, {time}: {words}</translation>
    </message>
    <message>
      <location filename="app/chat/extract/run.py" />
      <source>{name}, {time}</source>
      <translation>{name}, {time}</translation>
    </message>
    <message>
      <location filename="app/chat/extract/run.py" />
      <source>{done} of {total} pages checked</source>
      <translation>{done} von {total} Seiten geprüft</translation>
    </message>
    <message>
      <location filename="app/chat/extract/run.py" />
      <source>{rows}, {unsure} of them to check</source>
      <translation>{rows}, davon {unsure} zu prüfen</translation>
    </message>
    <message numerus="yes">
      <location filename="app/chat/extract/run.py" />
      <source>{n} notes</source>
      <extracomment>{n} note</extracomment>
      <translation>
        <numerusform>{n} Hinweis</numerusform>
        <numerusform>{n} Hinweise</numerusform>
      </translation>
    </message>
    <message>
      <location filename="app/chat/extract/run.py" />
      <source>Nothing was found. Try other columns, or describe what to look for in them.</source>
      <translation>Es wurde nichts gefunden. Versuchen Sie andere Spalten, oder beschreiben Sie darin, wonach gesucht werden soll.</translation>
    </message>
    <message>
      <location filename="app/chat/extract/run.py" />
      <source>“{column}” is required, but no page has it.</source>
      <translation>„{column}“ ist Pflicht, steht aber auf keiner Seite.</translation>
    </message>
    <message>
      <location filename="app/chat/extract/schema.py" />
      <source>The schema is too long.</source>
      <translation>Das Schema ist zu lang.</translation>
    </message>
    <message>
      <location filename="app/chat/extract/schema.py" />
      <source>The schema must be a JSON object with “properties”.</source>
      <translation>Das Schema muss ein JSON-Objekt mit „properties“ sein.</translation>
    </message>
    <message>
      <location filename="app/chat/extract/schema.py" />
      <source>The schema must be of the type “object”: one row, with a property for each column.</source>
      <translation>Das Schema muss vom Typ „object“ sein: eine Zeile, mit einer Eigenschaft für jede Spalte.</translation>
    </message>
    <message>
      <location filename="app/chat/extract/schema.py" />
      <source>“{word}” is not supported in a schema.</source>
      <translation>„{word}“ wird in einem Schema nicht unterstützt.</translation>
    </message>
    <message>
      <location filename="app/chat/extract/schema.py" />
      <source>The schema has no columns; name at least one in “properties”.</source>
      <translation>Das Schema hat keine Spalten; nennen Sie mindestens eine in „properties“.</translation>
    </message>
    <message>
      <location filename="app/chat/extract/schema.py" />
      <source>The schema has too many columns; the limit is {most}.</source>
      <translation>Das Schema hat zu viele Spalten; höchstens {most} sind möglich.</translation>
    </message>
    <message>
      <location filename="app/chat/extract/schema.py" />
      <source>“{name}” cannot be a column name; use only letters, digits, “_” and spaces.</source>
      <translation>„{name}“ kann kein Spaltenname sein: nur Buchstaben, Ziffern, „_“ und Leerzeichen.</translation>
    </message>
    <message>
      <location filename="app/chat/extract/schema.py" />
      <source>Every table already has a column “{name}”; choose another name.</source>
      <translation>„{name}“ ist eine Spalte, die jede Tabelle hat; wählen Sie einen anderen Namen.</translation>
    </message>
    <message>
      <location filename="app/chat/extract/schema.py" />
      <source>“{word}” must be a list of column names.</source>
      <translation>„{word}“ muss eine Liste von Spaltennamen sein.</translation>
    </message>
    <message>
      <location filename="app/chat/extract/schema.py" />
      <source>The column “{name}” must be an object with a “type”.</source>
      <translation>Die Spalte „{name}“ muss ein Objekt mit einem „type“ sein.</translation>
    </message>
    <message>
      <location filename="app/chat/extract/schema.py" />
      <source>“{word}” is not supported in the column “{name}”.</source>
      <translation>„{word}“ wird in der Spalte „{name}“ nicht unterstützt.</translation>
    </message>
    <message>
      <location filename="app/chat/extract/schema.py" />
      <source>The column “{name}” is of a type that a table cannot hold; use one of {types}.</source>
      <translation>Die Spalte „{name}“ hat einen Typ, den eine Tabelle nicht fassen kann; möglich sind {types}.</translation>
    </message>
    <message>
      <location filename="app/chat/extract/schema.py" />
      <source>The “enum” of the column “{name}” must be a list of strings, and its type must be “string”.</source>
      <translation>„enum“ der Spalte „{name}“ muss eine Liste von Zeichenketten sein, und ihr Typ „string“.</translation>
    </message>
    <message>
      <location filename="app/chat/extract/schema.py" />
      <source>The schema is nested too deeply.</source>
      <translation>Das Schema ist zu tief verschachtelt.</translation>
    </message>
    <message>
      <location filename="app/chat/extract/schema.py" />
      <source>The schema is not JSON: line {line}, column {column}.</source>
      <translation>Das Schema ist kein JSON: Zeile {line}, Spalte {column}.</translation>
    </message>
    <message>
      <location filename="app/chat/extract/schema.py" />
      <source>An array needs “items” that describe one row.</source>
      <translation>Ein Array braucht „items“, die eine Zeile beschreiben.</translation>
    </message>
    <message>
      <location filename="app/chat/extract/schema.py" />
      <source>Two columns are called “{name}”.</source>
      <translation>Zwei Spalten heißen „{name}“.</translation>
    </message>
    <message>
      <location filename="app/chat/extract/schema.py" />
      <source>“{word}” names “{name}”, which is not a column.</source>
      <translation>„{word}“ nennt „{name}“, das keine Spalte ist.</translation>
    </message>
    <message>
      <location filename="app/chat/extract/schema.py" />
      <source>The “{word}” of the column “{name}” must be a short text.</source>
      <translation>„{word}“ der Spalte „{name}“ muss ein kurzer Text sein.</translation>
    </message>
    <message>
      <location filename="app/chat/extract/values.py" />
      <source>“{raw}” is not a date.</source>
      <translation>„{raw}“ ist kein Datum.</translation>
    </message>
    <message>
      <location filename="app/chat/extract/values.py" />
      <source>“{raw}” is not one of the allowed values.</source>
      <translation>„{raw}“ ist keiner der erlaubten Werte.</translation>
    </message>
    <message>
      <location filename="app/chat/extract/values.py" />
      <source>“{raw}” is neither yes nor no.</source>
      <translation>„{raw}“ ist weder ja noch nein.</translation>
    </message>
    <message>
      <location filename="app/chat/extract/values.py" />
      <source>“{raw}” is not a number, or is ambiguous.</source>
      <translation>„{raw}“ ist keine Zahl oder keine eindeutige.</translation>
    </message>
    <message>
      <location filename="app/chat/extract/values.py" />
      <source>“{raw}” is not a whole number.</source>
      <translation>„{raw}“ ist keine ganze Zahl.</translation>
    </message>
    <message>
      <location filename="app/chat/extract/values.py" />
      <source>“{raw}” could be two different dates.</source>
      <translation>„{raw}“ kann zwei verschiedene Daten bedeuten.</translation>
    </message>
    <message>
      <location filename="app/chat/extract/verdicts.py" />
      <source>The answer quotes nothing from this file.</source>
      <translation>Die Antwort zitiert nichts aus dieser Datei.</translation>
    </message>
    <message>
      <location filename="app/chat/extract/verdicts.py" />
      <source>The file is long, so only its most relevant pages were read.</source>
      <translation>Die Datei ist lang; nur ihre passendsten Seiten wurden gelesen.</translation>
    </message>
    <message>
      <location filename="app/chat/extract/verdicts.py" />
      <source>The model gave no answer for this file.</source>
      <translation>Das Modell hat für diese Datei keine Antwort gegeben.</translation>
    </message>
    <message>
      <location filename="app/chat/growing.py" />
      <source>Thinking stopped at its limit</source>
      <translation>Das Nachdenken hat seine Grenze erreicht und wurde beendet</translation>
    </message>
    <message>
      <location filename="app/chat/growing.py" />
      <source>Cut off at the length limit</source>
      <translation>An der Längengrenze abgeschnitten</translation>
    </message>
    <message>
      <location filename="app/chat/growing.py" />
      <source>Stopped</source>
      <translation>Angehalten</translation>
    </message>
    <message>
      <location filename="app/chat/growing.py" />
      <source>The model started repeating itself, so the answer was stopped.</source>
      <translation>Das Modell begann sich zu wiederholen, deshalb wurde die Antwort beendet.</translation>
    </message>
    <message>
      <location filename="app/chat/parts.py" />
      <source>The model stopped without an answer; ask again.</source>
      <translation>Das Modell hat ohne Antwort aufgehört; fragen Sie noch einmal.</translation>
    </message>
    <message>
      <location filename="app/chat/plan.py" />
      <source>It was left out so that the question fits; to use all pages again, open the file's menu.</source>
      <translation>Sie wurde ausgelassen, damit die Frage hineinpasst; im Menü der Datei lassen sich wieder alle Seiten verwenden.</translation>
    </message>
    <message>
      <location filename="app/chat/plan.py" />
      <source>Fewer pages: the first {first} of {pages}</source>
      <translation>Weniger Seiten: die ersten {first} von {pages}</translation>
    </message>
    <message>
      <location filename="app/chat/plan.py" />
      <source>Lowest image detail: {budget} tokens per picture, {percent} % of pages and frames</source>
      <translation>Geringste Bilddetails: {budget} Token je Bild, {percent} % der Seiten und Einzelbilder</translation>
    </message>
    <message>
      <location filename="app/chat/plan.py" />
      <source>Lower image detail: {budget} tokens per picture</source>
      <translation>Weniger Bilddetails: {budget} Token je Bild</translation>
    </message>
    <message>
      <location filename="app/chat/plan.py" />
      <source>Fewer frames: {frames} per video</source>
      <translation>Weniger Einzelbilder: {frames} aus jedem Video</translation>
    </message>
    <message>
      <location filename="app/chat/plan.py" />
      <source>Fewer pages: the first {first} of {pages}, and the same share of the other files</source>
      <translation>Weniger Seiten: die ersten {first} von {pages} und der gleiche Anteil der anderen Dateien</translation>
    </message>
    <message>
      <location filename="app/chat/plan.py" />
      <source>Text only: pages without their pictures</source>
      <translation>Nur Text: Seiten ohne ihre Bilder</translation>
    </message>
    <message>
      <location filename="app/chat/relevance/choosing.py" />
      <source>It was not read for this question, because other pages fit the question's words better.</source>
      <translation>Sie wurde für diese Frage nicht gelesen, weil andere Seiten besser zu den Wörtern der Frage passen.</translation>
    </message>
    <message>
      <location filename="app/chat/relevance/choosing.py" />
      <source>Based on the {read} most relevant of {total} pages: {pages}.</source>
      <translation>Beruht auf den {read} passendsten von {total} Seiten: {pages}.</translation>
    </message>
    <message numerus="yes">
      <location filename="app/chat/relevance/choosing.py" />
      <source>{n} pages were not read.</source>
      <extracomment>{n} page was not read.</extracomment>
      <translation>
        <numerusform>{n} Seite wurde nicht gelesen.</numerusform>
        <numerusform>{n} Seiten wurden nicht gelesen.</numerusform>
      </translation>
    </message>
    <message numerus="yes">
      <location filename="app/chat/relevance/choosing.py" />
      <source>{n} files were not read at all.</source>
      <extracomment>{n} file was not read at all.</extracomment>
      <translation>
        <numerusform>{n} Datei wurde gar nicht gelesen.</numerusform>
        <numerusform>{n} Dateien wurden gar nicht gelesen.</numerusform>
      </translation>
    </message>
    <message>
      <location filename="app/chat/scenes/export.py" />
      <source>Scene {number}</source>
      <translation>Szene {number}</translation>
    </message>
    <message numerus="yes">
      <location filename="app/chat/scenes/export.py" />
      <source>{n} scenes</source>
      <extracomment>{n} scene</extracomment>
      <translation>
        <numerusform>{n} Szene</numerusform>
        <numerusform>{n} Szenen</numerusform>
      </translation>
    </message>
    <message>
      <location filename="app/chat/scenes/export.py" />
      <source>Described by {model}, which can make mistakes; check the scenes yourself.</source>
      <translation>Beschrieben von {model}, das sich irren kann; sehen Sie sich die Szenen selbst an.</translation>
    </message>
    <message>
      <location filename="app/chat/scenes/export.py" />
      <source>{name} cannot be written: {why}.</source>
      <translation>{name} kann nicht geschrieben werden: {why}.</translation>
    </message>
    <message>
      <location filename="app/chat/tools/declared.py" />
      <source>Asked for a tool that Lectern does not have</source>
      <translation>Wollte ein Werkzeug benutzen, das Lectern nicht hat</translation>
    </message>
    <message>
      <location filename="app/chat/tools/declared.py" />
      <source>Looked at {time} in {name}</source>
      <translation>Sah sich {time} in {name} an</translation>
    </message>
    <message numerus="yes">
      <location filename="app/chat/tools/declared.py" />
      <source>Searched {name} for “{text}”: {n} pages</source>
      <extracomment>Searched {name} for “{text}”: {n} page</extracomment>
      <translation>
        <numerusform>Suchte in {name} nach „{text}“: {n} Seite</numerusform>
        <numerusform>Suchte in {name} nach „{text}“: {n} Seiten</numerusform>
      </translation>
    </message>
    <message numerus="yes">
      <location filename="app/chat/tools/declared.py" />
      <source>Searched what is said in {name} for “{text}”: {n} places</source>
      <extracomment>Searched what is said in {name} for “{text}”: {n} place</extracomment>
      <translation>
        <numerusform>Gesprochenes in {name} nach „{text}“ durchsucht: {n} Stelle</numerusform>
        <numerusform>Gesprochenes in {name} nach „{text}“ durchsucht: {n} Stellen</numerusform>
      </translation>
    </message>
    <message>
      <location filename="app/chat/tools/declared.py" />
      <source>Looked closer at page {page} of {name}</source>
      <translation>Sah Seite {page} von {name} genauer an</translation>
    </message>
    <message>
      <location filename="app/chat/tools/declared.py" />
      <source>Looked closer at {name}</source>
      <translation>Sah {name} genauer an</translation>
    </message>
    <message>
      <location filename="app/chat/tools/declared.py" />
      <source>Could not look closer</source>
      <translation>Konnte nicht genauer hinsehen</translation>
    </message>
    <message>
      <location filename="app/chat/tools/declared.py" />
      <source>Could not look at another time</source>
      <translation>Konnte keinen anderen Zeitpunkt ansehen</translation>
    </message>
    <message>
      <location filename="app/chat/tools/declared.py" />
      <source>Could not search for text</source>
      <translation>Konnte nicht nach Text suchen</translation>
    </message>
    <message>
      <location filename="app/chat/transcript/asking.py" />
      <source>This is not a recording or video, so there is nothing to transcribe.</source>
      <translation>Das ist weder eine Aufnahme noch ein Video, also gibt es nichts mitzuschreiben.</translation>
    </message>
    <message>
      <location filename="app/chat/transcript/asking.py" />
      <source>The transcript is longer than Lectern can store; split the recording.</source>
      <translation>Die Mitschrift ist länger, als Lectern speichern kann; teilen Sie die Aufnahme auf.</translation>
    </message>
    <message>
      <location filename="app/chat/transcript/export.py" />
      <source>The transcript could not be saved as {path}: {why}.</source>
      <translation>Die Mitschrift konnte nicht als {path} gespeichert werden: {why}.</translation>
    </message>
    <message>
      <location filename="app/engine/folders/importing.py" />
      <source>Starting the model</source>
      <translation>Das Modell wird gestartet</translation>
    </message>
    <message>
      <location filename="app/engine/folders/importing.py" />
      <source>{folder} exists already; remove it first, or choose it as the model.</source>
      <translation>{folder} gibt es schon; entfernen Sie es zuerst, oder wählen Sie es als Modell.</translation>
    </message>
    <message>
      <location filename="app/engine/folders/jobs.py" />
      <source>Something unexpected went wrong; the log has the details.</source>
      <translation>Etwas Unerwartetes ging schief; Näheres steht im Protokoll.</translation>
    </message>
    <message>
      <location filename="app/engine/media/listening.py" />
      <source>Something unexpected went wrong while the sound was read; the log has the details.</source>
      <translation>Beim Lesen des Tons ist etwas Unerwartetes schiefgegangen; Einzelheiten stehen im Protokoll.</translation>
    </message>
    <message>
      <location filename="app/engine/media/playing_thread.py" />
      <source>Something unexpected went wrong while this video was played; the log has the details.</source>
      <translation>Beim Abspielen dieses Videos ging etwas Unerwartetes schief; Näheres steht im Protokoll.</translation>
    </message>
    <message>
      <location filename="app/engine/media/playing_thread.py" />
      <source>The video cannot be played.</source>
      <translation>Das Video kann nicht abgespielt werden.</translation>
    </message>
    <message>
      <location filename="app/engine/media/reading.py" />
      <source>Something unexpected went wrong while this file was read; the log has the details.</source>
      <translation>Beim Lesen dieser Datei ging etwas Unerwartetes schief; Näheres steht im Protokoll.</translation>
    </message>
    <message>
      <location filename="app/engine/media/recognising.py" />
      <source>Something unexpected went wrong while text was read from pictures; the log has the details.</source>
      <translation>Beim Lesen von Bildern ist etwas Unerwartetes schiefgegangen; das Protokoll enthält die Einzelheiten.</translation>
    </message>
    <message>
      <location filename="app/engine/media/shots.py" />
      <source>Something unexpected went wrong while the scenes were being found; the log has the details.</source>
      <translation>Beim Suchen der Szenen ging etwas Unerwartetes schief; Näheres steht im Protokoll.</translation>
    </message>
    <message>
      <location filename="app/engine/model/faults.py" />
      <source>Something unexpected went wrong while the model was loaded; the log has the details.</source>
      <translation>Beim Laden des Modells ist etwas Unerwartetes schiefgegangen; Einzelheiten stehen im Protokoll.</translation>
    </message>
    <message>
      <location filename="app/engine/model/faults.py" />
      <source>Something unexpected went wrong while the answer was written; the log has the details.</source>
      <translation>Beim Schreiben der Antwort ist etwas Unerwartetes schiefgegangen; Einzelheiten stehen im Protokoll.</translation>
    </message>
    <message>
      <location filename="app/engine/model/faults.py" />
      <source>Something unexpected went wrong while the question's size and time were estimated; the log has the details.</source>
      <translation>Beim Schätzen von Umfang und Dauer der Frage ging etwas Unerwartetes schief; Näheres steht im Protokoll.</translation>
    </message>
    <message>
      <location filename="app/engine/model/faults.py" />
      <source>There is not enough memory for this; close other programs or ask about fewer pages.</source>
      <translation>Dafür reicht der Speicher nicht; schließen Sie andere Programme oder fragen Sie nach weniger Seiten.</translation>
    </message>
    <message>
      <location filename="app/engine/model/opening.py" />
      <source>Loading was stopped.</source>
      <translation>Das Laden wurde angehalten.</translation>
    </message>
    <message>
      <location filename="app/engine/model/opening.py" />
      <source>Writing the sample model</source>
      <translation>Das Beispielmodell wird geschrieben</translation>
    </message>
    <message>
      <location filename="app/engine/model/opening.py" />
      <source>{path} cannot be used ({why}).</source>
      <translation>{path} kann nicht benutzt werden ({why}).</translation>
    </message>
    <message>
      <location filename="app/engine/model/opening.py" />
      <source>The sample model could not be written to {folder} ({why}); free some disk space there.</source>
      <translation>Das Beispielmodell konnte nicht nach {folder} geschrieben werden ({why}); machen Sie dort Platz.</translation>
    </message>
    <message>
      <location filename="app/engine/model/queue.py" />
      <source>The model stopped responding and was restarted; ask again.</source>
      <translation>Das Modell antwortete nicht mehr und wurde neu gestartet; fragen Sie noch einmal.</translation>
    </message>
    <message>
      <location filename="app/engine/model/queue.py" />
      <source>No model is loaded; choose a model folder first.</source>
      <translation>Kein Modell ist geladen; wählen Sie zuerst einen Modellordner.</translation>
    </message>
    <message>
      <location filename="app/engine/model/tooling.py" />
      <source>The model kept calling tools instead of answering; ask again, or turn tools off in the settings.</source>
      <translation>Das Modell hat immer wieder Werkzeuge benutzt, statt zu antworten; fragen Sie noch einmal oder schalten Sie Werkzeuge in den Einstellungen aus.</translation>
    </message>
    <message>
      <location filename="app/engine/model/worker.py" />
      <source>This model cannot estimate the size and time of a question; ask without an estimate, or choose another model.</source>
      <translation>Dieses Modell kann Umfang und Dauer einer Frage nicht schätzen; fragen Sie ohne Schätzung, oder wählen Sie ein anderes Modell.</translation>
    </message>
    <message>
      <location filename="app/engine/passes/extracting.py" />
      <source>The model was changed. Run it again to check the pages with the new model.</source>
      <translation>Das Modell wurde gewechselt. Starten Sie erneut, um die Seiten mit dem neuen Modell zu prüfen.</translation>
    </message>
    <message>
      <location filename="app/engine/remote/engine.py" />
      <source>Connecting to {host}</source>
      <translation>Verbindung mit {host}</translation>
    </message>
    <message>
      <location filename="app/engine/remote/engine.py" />
      <source>The connection to {host} broke off in the middle of the answer; ask again.</source>
      <translation>Die Verbindung mit {host} brach mitten in der Antwort ab; fragen Sie noch einmal.</translation>
    </message>
    <message>
      <location filename="app/engine/remote/engine.py" />
      <source>A picture in the question could not be read ({why}); ask again.</source>
      <translation>Ein Bild der Frage konnte nicht gelesen werden ({why}); fragen Sie noch einmal.</translation>
    </message>
    <message>
      <location filename="app/engine/remote/messages.py" />
      <source>A server accepts JSON schemas only, not a {kind}; use a model on this machine.</source>
      <translation>Ein Server nimmt nur JSON-Schemas an, kein {kind}; verwenden Sie ein Modell auf diesem Rechner.</translation>
    </message>
    <message>
      <location filename="app/engine/remote/messages.py" />
      <source>The model on the server does not accept pictures; attach files with text, or choose another model.</source>
      <translation>Das Modell auf dem Server nimmt keine Bilder an; hängen Sie Dateien mit Text an, oder wählen Sie ein anderes Modell.</translation>
    </message>
    <message>
      <location filename="app/engine/remote/messages.py" />
      <source>The model on the server does not hear; choose another model.</source>
      <translation>Das Modell auf dem Server hört nicht; wählen Sie ein anderes Modell.</translation>
    </message>
    <message>
      <location filename="app/engine/remote/secrets.py" />
      <source>The system's keyring cannot be used ({why}), so the server's key cannot be stored safely; set one up, for example GNOME Keyring or KWallet.</source>
      <translation>Der Schlüsselbund des Systems kann nicht verwendet werden ({why}), also kann der Schlüssel des Servers nicht sicher gespeichert werden; richten Sie einen ein, zum Beispiel GNOME Keyring oder KWallet.</translation>
    </message>
    <message>
      <location filename="app/engine/remote/server.py" />
      <source>The server {host} did not answer as expected ({why}).</source>
      <translation>Der Server {host} hat nicht wie erwartet geantwortet ({why}).</translation>
    </message>
    <message>
      <location filename="app/engine/remote/server.py" />
      <source>The server {host} cannot be reached; check that it is running and that its address is right.</source>
      <translation>Der Server {host} ist nicht erreichbar; prüfen Sie, ob er läuft und ob seine Adresse stimmt.</translation>
    </message>
    <message>
      <location filename="app/engine/remote/server.py" />
      <source>No machine with the name of the server {host} was found; check the address and the network.</source>
      <translation>Zum Namen des Servers {host} wurde kein Rechner gefunden; prüfen Sie die Adresse und das Netzwerk.</translation>
    </message>
    <message>
      <location filename="app/engine/remote/server.py" />
      <source>There is no encrypted connection to the server {host}: it does not use https, or its certificate is not trusted on this machine. Check the address, or ask whoever runs the server.</source>
      <translation>Es gibt keine verschlüsselte Verbindung zum Server {host}: Er nutzt kein https, oder seinem Zertifikat wird auf diesem Rechner nicht vertraut. Prüfen Sie die Adresse, oder fragen Sie den Betreiber des Servers.</translation>
    </message>
    <message>
      <location filename="app/engine/remote/server.py" />
      <source>{address} is not a server's address; enter one such as https://host:8000/v1, and the key separately.</source>
      <translation>{address} ist nicht die Adresse eines Servers; geben Sie eine wie https://host:8000/v1 ein, und den Schlüssel gesondert.</translation>
    </message>
    <message>
      <location filename="app/engine/remote/server.py" />
      <source>Servers are switched off on this machine; choose a model folder, or ask your administrator.</source>
      <translation>Server sind auf diesem Rechner abgeschaltet; wählen Sie einen Modellordner, oder fragen Sie Ihren Administrator.</translation>
    </message>
    <message>
      <location filename="app/engine/remote/server.py" />
      <source>The server {host} has not been allowed on this machine; choose it again in *Model → Use a server…*.</source>
      <translation>Der Server {host} ist auf diesem Rechner nicht erlaubt worden; wählen Sie ihn erneut unter *Modell → Server verwenden…*.</translation>
    </message>
    <message>
      <location filename="app/engine/remote/server.py" />
      <source>The server {host} has no model {name}; choose one that it has.</source>
      <translation>Der Server {host} hat kein Modell {name}; wählen Sie eines, das er hat.</translation>
    </message>
    <message>
      <location filename="app/engine/remote/server.py" />
      <source>The server {host} does not accept the key; check it.</source>
      <translation>Der Server {host} nimmt den Schlüssel nicht an; prüfen Sie ihn.</translation>
    </message>
    <message>
      <location filename="app/engine/remote/server.py" />
      <source>The server {host} did not answer in time; try again.</source>
      <translation>Der Server {host} hat nicht rechtzeitig geantwortet; versuchen Sie es noch einmal.</translation>
    </message>
    <message>
      <location filename="app/engine/remote/server.py" />
      <source>The server {host} is busy; ask again in a moment.</source>
      <translation>Der Server {host} ist ausgelastet; fragen Sie gleich noch einmal.</translation>
    </message>
    <message>
      <location filename="app/engine/remote/server.py" />
      <source>The server {host} refused the request (status {status}: {why}).</source>
      <translation>Der Server {host} hat die Anfrage abgelehnt (Status {status}: {why}).</translation>
    </message>
    <message>
      <location filename="app/fetch/catalogue.py" />
      <source>The best choice for documents: thorough, and as quick as a model of 4 billion parameters.</source>
      <translation>Die beste Wahl für Dokumente: gründlich, und so schnell wie ein Modell mit 4 Milliarden Parametern.</translation>
    </message>
    <message>
      <location filename="app/fetch/catalogue.py" />
      <source>Careful answers on a machine with 16 GB; reads more slowly.</source>
      <translation>Sorgfältige Antworten auf einem Rechner mit 16 GB; liest langsamer.</translation>
    </message>
    <message>
      <location filename="app/fetch/catalogue.py" />
      <source>Everyday questions, quick on an ordinary laptop.</source>
      <translation>Alltägliche Fragen, schnell auf einem gewöhnlichen Laptop.</translation>
    </message>
    <message>
      <location filename="app/fetch/catalogue.py" />
      <source>The quickest: simple questions about short documents.</source>
      <translation>Das schnellste: einfache Fragen zu kurzen Dokumenten.</translation>
    </message>
    <message>
      <location filename="app/fetch/catalogue.py" />
      <source>The most thorough, and by far the slowest.</source>
      <translation>Das gründlichste, und bei weitem das langsamste.</translation>
    </message>
    <message>
      <location filename="app/fetch/catalogue.py" />
      <source>There is no model {name} to download; the models are {names}.</source>
      <translation>Ein Modell {name} kann nicht heruntergeladen werden; die Modelle sind {names}.</translation>
    </message>
    <message>
      <location filename="app/fetch/fetching.py" />
      <source>Downloading the model from {host}</source>
      <translation>Modell wird von {host} heruntergeladen</translation>
    </message>
    <message>
      <location filename="app/fetch/fetching.py" />
      <source>Downloading models is switched off on this machine; import a model from a USB drive, or ask your administrator.</source>
      <translation>Das Herunterladen von Modellen ist auf diesem Rechner abgeschaltet; importieren Sie ein Modell von einem USB-Laufwerk, oder fragen Sie Ihren Administrator.</translation>
    </message>
    <message>
      <location filename="app/fetch/fetching.py" />
      <source>The download stopped unexpectedly; start it again to continue.</source>
      <translation>Das Herunterladen wurde unerwartet beendet; starten Sie es erneut, um fortzufahren.</translation>
    </message>
    <message>
      <location filename="app/fetch/fetching.py" />
      <source>The download was stopped; start it again to continue from here.</source>
      <translation>Das Herunterladen wurde angehalten; starten Sie es erneut, um von hier aus fortzufahren.</translation>
    </message>
    <message>
      <location filename="app/fetch/worker.py" />
      <source>The download could not be written to {folder} ({why}); check the disk, and start again to continue.</source>
      <translation>Der Download konnte nicht nach {folder} geschrieben werden ({why}); prüfen Sie den Datenträger, und starten Sie erneut, um fortzufahren.</translation>
    </message>
    <message>
      <location filename="app/fetch/worker.py" />
      <source>The disk that holds {folder} is full; free some space, and start the download again to continue.</source>
      <translation>Der Datenträger mit {folder} ist voll; schaffen Sie Platz, und starten Sie das Herunterladen erneut, um fortzufahren.</translation>
    </message>
    <message>
      <location filename="app/fetch/worker.py" />
      <source>Every attempt to download {name} brought a damaged file; try again later.</source>
      <translation>{name} kam bei jedem Versuch beschädigt an; versuchen Sie es später noch einmal.</translation>
    </message>
    <message>
      <location filename="app/fetch/worker.py" />
      <source>{repository} holds no GGUF file; choose another model.</source>
      <translation>{repository} enthält keine GGUF-Datei; wählen Sie ein anderes Modell.</translation>
    </message>
    <message>
      <location filename="app/fetch/worker.py" />
      <source>{host} gives {repository} only to users who have accepted its terms; accept them there, store your access token with `hf auth login`, and start again.</source>
      <translation>{host} gibt {repository} nur an Nutzer heraus, die den Bedingungen zugestimmt haben; stimmen Sie dort zu, speichern Sie Ihr Zugriffstoken mit `hf auth login`, und starten Sie erneut.</translation>
    </message>
    <message>
      <location filename="app/fetch/worker.py" />
      <source>{host} has no {repository}; choose another model.</source>
      <translation>Auf {host} gibt es {repository} nicht; wählen Sie ein anderes Modell.</translation>
    </message>
    <message>
      <location filename="app/fetch/worker.py" />
      <source>{host} refused the download (status {status}); try again later.</source>
      <translation>{host} hat den Download abgelehnt (Status {status}); versuchen Sie es später noch einmal.</translation>
    </message>
    <message>
      <location filename="app/fetch/worker.py" />
      <source>{host} cannot be reached ({why}); check the connection, and start again to continue.</source>
      <translation>{host} ist nicht erreichbar ({why}); prüfen Sie die Verbindung, und starten Sie erneut, um fortzufahren.</translation>
    </message>
    <message>
      <location filename="app/fetch/worker.py" />
      <source>The download from {host} failed; start it again to continue.</source>
      <translation>Das Herunterladen von {host} ist fehlgeschlagen; starten Sie es erneut, um fortzufahren.</translation>
    </message>
    <message>
      <location filename="app/ingest/attached.py" />
      <source>This attached file is no longer available; read the file it is attached to again.</source>
      <translation>Dieser Anhang ist nicht mehr verfügbar; lesen Sie die Datei, an der er hängt, noch einmal.</translation>
    </message>
    <message>
      <location filename="app/ingest/attached.py" />
      <source>The attached file is larger than {limit} MB; save it with another program and add it from there.</source>
      <translation>Der Anhang ist größer als {limit} MB; speichern Sie ihn mit einem anderen Programm und fügen Sie ihn von dort hinzu.</translation>
    </message>
    <message>
      <location filename="app/ingest/attached.py" />
      <source>The attached file is empty (0 bytes), or its contents are elsewhere.</source>
      <translation>Der Anhang ist leer (0 Bytes), oder sein Inhalt ist anderswo.</translation>
    </message>
    <message>
      <location filename="app/ingest/attached.py" />
      <source>The attached file cannot be saved: {why}; free some disk space.</source>
      <translation>Der Anhang kann nicht gespeichert werden: {why}; schaffen Sie Platz auf der Festplatte.</translation>
    </message>
    <message>
      <location filename="app/ingest/formats/book/kind.py" />
      <source>Book</source>
      <translation>Buch</translation>
    </message>
    <message>
      <location filename="app/ingest/formats/book/kind.py" />
      <source>XPS document</source>
      <translation>XPS-Dokument</translation>
    </message>
    <message>
      <location filename="app/ingest/formats/book/layout.py" />
      <source>The file is damaged or incomplete; try to get it again from its source.</source>
      <translation>Die Datei ist beschädigt oder unvollständig; besorgen Sie sie noch einmal aus ihrer Quelle.</translation>
    </message>
    <message>
      <location filename="app/ingest/formats/image/kind.py" />
      <source>Picture</source>
      <translation>Bild</translation>
    </message>
    <message>
      <location filename="app/ingest/formats/image/reader.py" />
      <source>The picture is damaged or incomplete and cannot be decoded; try to get it again from its source.</source>
      <translation>Das Bild ist beschädigt oder unvollständig und kann nicht dekodiert werden; besorgen Sie es noch einmal von seiner Quelle.</translation>
    </message>
    <message>
      <location filename="app/ingest/formats/image/reader.py" />
      <source>The picture file is incomplete, so part of it is missing; try to get it again from its source.</source>
      <translation>Die Bilddatei ist unvollständig, deshalb fehlt ein Teil; versuchen Sie, sie noch einmal von der Quelle zu bekommen.</translation>
    </message>
    <message>
      <location filename="app/ingest/formats/image/reader.py" />
      <source>A picture of {width} × {height} px is larger than the highest image detail can show.</source>
      <translation>Ein Bild von {width} × {height} px ist größer, als die höchsten Bilddetails zeigen können.</translation>
    </message>
    <message>
      <location filename="app/ingest/formats/image/reader.py" />
      <source>The picture is animated ({frames} frames); only the first frame is read.</source>
      <translation>Das Bild ist animiert ({frames} Einzelbilder); nur das erste wird gelesen.</translation>
    </message>
    <message>
      <location filename="app/ingest/formats/image/reader.py" />
      <source>Read at the image detail that you chose.</source>
      <translation>Mit den gewählten Bilddetails gelesen.</translation>
    </message>
    <message>
      <location filename="app/ingest/formats/image/reader.py" />
      <source>The picture has no pixels.</source>
      <translation>Das Bild hat keine Bildpunkte.</translation>
    </message>
    <message>
      <location filename="app/ingest/formats/image/reader.py" />
      <source>The picture is too large ({width} × {height} px); the limit is {limit} megapixels, so save it smaller.</source>
      <translation>Das Bild ist zu groß ({width} × {height} px); die Grenze sind {limit} Megapixel, speichern Sie es also kleiner.</translation>
    </message>
    <message>
      <location filename="app/ingest/formats/image/reader.py" />
      <source>The file has {pages} pages; only the first is read, so save it as PDF to read them all.</source>
      <translation>Die Datei hat {pages} Seiten; nur die erste wird gelesen. Um alle zu lesen, speichern Sie sie als PDF.</translation>
    </message>
    <message>
      <location filename="app/ingest/formats/image/reader.py" />
      <source>The file holds {pictures} pictures; only the main one is read.</source>
      <translation>Die Datei enthält {pictures} Bilder; nur das Hauptbild wird gelesen.</translation>
    </message>
    <message>
      <location filename="app/ingest/formats/image/reader.py" />
      <source>The temporary folder has no room for more pictures; free some disk space.</source>
      <translation>Der temporäre Ordner hat keinen Platz für weitere Bilder; machen Sie auf der Festplatte Platz.</translation>
    </message>
    <message>
      <location filename="app/ingest/formats/image/reader.py" />
      <source>A picture of {width} × {height} px keeps its full sharpness at this image detail.</source>
      <translation>Ein Bild von {width} × {height} px behält bei diesen Bilddetails seine volle Schärfe.</translation>
    </message>
    <message>
      <location filename="app/ingest/formats/image/reader.py" />
      <source>The picture has more pixels than can be read; the limit is {limit} megapixels, so save it smaller.</source>
      <translation>Das Bild hat mehr Pixel, als gelesen werden können; die Grenze sind {limit} Megapixel, speichern Sie es also kleiner.</translation>
    </message>
    <message>
      <location filename="app/ingest/formats/image/reader.py" />
      <source>The picture needs more memory than reading may use; save it smaller.</source>
      <translation>Das Bild braucht mehr Speicher, als das Lesen benutzen darf; speichern Sie es kleiner.</translation>
    </message>
    <message>
      <location filename="app/ingest/formats/laid_out/archive.py" />
      <source>The file unpacks to far more data than such a file normally holds, so it is not read.</source>
      <translation>Entpackt enthielte die Datei weit mehr, als eine solche Datei enthält; sie wird nicht gelesen.</translation>
    </message>
    <message>
      <location filename="app/ingest/formats/laid_out/archive.py" />
      <source>The file is protected by a password; save it without one and read that.</source>
      <translation>Die Datei ist durch ein Passwort geschützt; speichern Sie sie ohne Passwort und lesen Sie diese.</translation>
    </message>
    <message>
      <location filename="app/ingest/formats/laid_out/archive.py" />
      <source>The file declares its own XML entities, which no office program does, so it is not read.</source>
      <translation>Die Datei deklariert eigene Entitäten, was kein Office-Programm tut; sie wird nicht gelesen.</translation>
    </message>
    <message>
      <location filename="app/ingest/formats/laid_out/content.py" />
      <source>the rest of the file</source>
      <translation>der Rest der Datei</translation>
    </message>
    <message>
      <location filename="app/ingest/formats/laid_out/content.py" />
      <source>The file is longer than {limit} pages; only its beginning is read, so split it to read the rest.</source>
      <translation>Die Datei ist länger als {limit} Seiten; nur ihr Anfang wird gelesen. Teilen Sie sie auf, um auch den Rest zu lesen.</translation>
    </message>
    <message numerus="yes">
      <location filename="app/ingest/formats/laid_out/content.py" />
      <source>{n} characters that are marked as hidden were left out.</source>
      <extracomment>{n} character that is marked as hidden was left out.</extracomment>
      <translation>
        <numerusform>Ein Zeichen, das als verborgen gekennzeichnet ist, wurde weggelassen.</numerusform>
        <numerusform>{n} Zeichen, die als verborgen gekennzeichnet sind, wurden weggelassen.</numerusform>
      </translation>
    </message>
    <message numerus="yes">
      <location filename="app/ingest/formats/laid_out/content.py" />
      <source>{n} pictures are stored in a form that cannot be shown (WMF, EMF); save the file as PDF to see them.</source>
      <extracomment>{n} picture is stored in a form that cannot be shown (WMF, EMF); save the file as PDF to see it.</extracomment>
      <translation>
        <numerusform>{n} Bild ist in einer Form gespeichert, die nicht gezeigt werden kann (WMF, EMF); speichern Sie die Datei als PDF, um es zu sehen.</numerusform>
        <numerusform>{n} Bilder sind in einer Form gespeichert, die nicht gezeigt werden kann (WMF, EMF); speichern Sie die Datei als PDF, um sie zu sehen.</numerusform>
      </translation>
    </message>
    <message>
      <location filename="app/ingest/formats/laid_out/embedded.py" />
      <source>Files embedded in it are not part of this text; open them from the list of attached files.</source>
      <translation>Eingebettete Dateien sind nicht Teil dieses Textes; öffnen Sie sie in der Liste der angehängten Dateien.</translation>
    </message>
    <message>
      <location filename="app/ingest/formats/laid_out/embedded.py" />
      <source>embedded files</source>
      <translation>eingebettete Dateien</translation>
    </message>
    <message numerus="yes">
      <location filename="app/ingest/formats/laid_out/objects.py" />
      <source>{n} charts are not read: their numbers are not stored as tables. Save the file as PDF to have their words read.</source>
      <extracomment>A chart is not read: its numbers are not stored as a table. Save the file as PDF to have its words read.</extracomment>
      <translation>
        <numerusform>Ein Diagramm wird nicht gelesen: Seine Zahlen sind nicht als Tabelle gespeichert. Speichern Sie die Datei als PDF, damit seine Wörter gelesen werden.</numerusform>
        <numerusform>{n} Diagramme werden nicht gelesen: Ihre Zahlen sind nicht als Tabellen gespeichert. Speichern Sie die Datei als PDF, damit ihre Wörter gelesen werden.</numerusform>
      </translation>
    </message>
    <message numerus="yes">
      <location filename="app/ingest/formats/laid_out/objects.py" />
      <source>{n} embedded objects from other programs are not read; save them as separate files.</source>
      <extracomment>An embedded object from another program is not read; save it as a separate file.</extracomment>
      <translation>
        <numerusform>Ein eingebettetes Objekt eines anderen Programms wird nicht gelesen; speichern Sie es als eigene Datei.</numerusform>
        <numerusform>{n} eingebettete Objekte anderer Programme werden nicht gelesen; speichern Sie sie als eigene Dateien.</numerusform>
      </translation>
    </message>
    <message>
      <location filename="app/ingest/formats/laid_out/pages.py" />
      <source>The file is damaged in a way that cannot be read.</source>
      <translation>Die Datei ist so beschädigt, dass sie nicht gelesen werden kann.</translation>
    </message>
    <message>
      <location filename="app/ingest/formats/laid_out/pages.py" />
      <source>Only the first {limit} pages are read; split the file to read the rest.</source>
      <translation>Nur die ersten {limit} Seiten werden gelesen; teilen Sie die Datei auf, um auch den Rest zu lesen.</translation>
    </message>
    <message>
      <location filename="app/ingest/formats/laid_out/pages.py" />
      <source>pages {first} to {last}</source>
      <translation>Seiten {first} bis {last}</translation>
    </message>
    <message>
      <location filename="app/ingest/formats/laid_out/reader.py" />
      <source>The temporary folder has no room for more pictures; read the document in parts or with a lower image detail.</source>
      <translation>Der temporäre Ordner hat keinen Platz für weitere Bilder; lesen Sie das Dokument in Teilen oder mit weniger Bilddetails.</translation>
    </message>
    <message>
      <location filename="app/ingest/formats/laid_out/reader.py" />
      <source>Read as text, as asked.</source>
      <translation>Als Text gelesen, wie gewünscht.</translation>
    </message>
    <message>
      <location filename="app/ingest/formats/laid_out/reader.py" />
      <source>Read as a picture, as asked.</source>
      <translation>Als Bild gelesen, wie gewünscht.</translation>
    </message>
    <message>
      <location filename="app/ingest/formats/laid_out/reader.py" />
      <source>Read as text and as a picture, as asked.</source>
      <translation>Als Text und als Bild gelesen, wie gewünscht.</translation>
    </message>
    <message>
      <location filename="app/ingest/formats/laid_out/reader.py" />
      <source>Page {number} is damaged and cannot be read.</source>
      <translation>Seite {number} ist beschädigt und kann nicht gelesen werden.</translation>
    </message>
    <message>
      <location filename="app/ingest/formats/laid_out/reader.py" />
      <source>The file has no page {number}.</source>
      <translation>Die Datei hat keine Seite {number}.</translation>
    </message>
    <message>
      <location filename="app/ingest/formats/laid_out/reader.py" />
      <source>The page shows a picture.</source>
      <translation>Die Seite zeigt ein Bild.</translation>
    </message>
    <message>
      <location filename="app/ingest/formats/laid_out/reader.py" />
      <source>The file's own text is read.</source>
      <translation>Der Text der Datei selbst wird gelesen.</translation>
    </message>
    <message>
      <location filename="app/ingest/formats/laid_out/reader.py" />
      <source>The page is blank.</source>
      <translation>Die Seite ist leer.</translation>
    </message>
    <message>
      <location filename="app/ingest/formats/laid_out/reader.py" />
      <source>The page has no text, and only text was asked for.</source>
      <translation>Die Seite hat keinen Text, und nur Text war gewünscht.</translation>
    </message>
    <message>
      <location filename="app/ingest/formats/laid_out/reader.py" />
      <source>The page also shows a picture.</source>
      <translation>Die Seite zeigt auch ein Bild.</translation>
    </message>
    <message>
      <location filename="app/ingest/formats/mail/kind.py" />
      <source>Email</source>
      <translation>E-Mail</translation>
    </message>
    <message>
      <location filename="app/ingest/formats/mail/layout.py" />
      <source>Attached files are not part of this text; open them from the list of attached files.</source>
      <translation>Anhänge gehören nicht zu diesem Text; öffnen Sie sie aus der Liste der Anhänge.</translation>
    </message>
    <message>
      <location filename="app/ingest/formats/mail/layout.py" />
      <source>The email is signed (S/MIME); it is read without checking the signature.</source>
      <translation>Die E-Mail ist signiert (S/MIME); sie wird gelesen, ohne die Signatur zu prüfen.</translation>
    </message>
    <message>
      <location filename="app/ingest/formats/mail/layout.py" />
      <source>The email is encrypted (S/MIME); open it with a mail program and save its contents to have them read.</source>
      <translation>Die E-Mail ist verschlüsselt (S/MIME); öffnen Sie sie mit einem Mailprogramm und speichern Sie ihren Inhalt, damit er gelesen werden kann.</translation>
    </message>
    <message>
      <location filename="app/ingest/formats/mail/layout.py" />
      <source>The email is damaged and cannot be read; try to get it again from its source.</source>
      <translation>Die E-Mail ist beschädigt und kann nicht gelesen werden; besorgen Sie sie noch einmal aus ihrer Quelle.</translation>
    </message>
    <message>
      <location filename="app/ingest/formats/mail/layout.py" />
      <source>Only the first {limit} emails are read; split the file to read the rest.</source>
      <translation>Nur die ersten {limit} E-Mails werden gelesen; teilen Sie die Datei auf, um auch den Rest zu lesen.</translation>
    </message>
    <message>
      <location filename="app/ingest/formats/mail/layout.py" />
      <source>emails {first} to {last}</source>
      <translation>E-Mails {first} bis {last}</translation>
    </message>
    <message>
      <location filename="app/ingest/formats/mail/layout.py" />
      <source>The mailbox is empty.</source>
      <translation>Das Postfach ist leer.</translation>
    </message>
    <message>
      <location filename="app/ingest/formats/mail/layout.py" />
      <source>Only {limit} parts of the email are read.</source>
      <translation>Nur {limit} Teile der E-Mail werden gelesen.</translation>
    </message>
    <message>
      <location filename="app/ingest/formats/mail/layout.py" />
      <source>Emails nested this deep are not read.</source>
      <translation>So tief verschachtelte E-Mails werden nicht gelesen.</translation>
    </message>
    <message>
      <location filename="app/ingest/formats/mail/layout.py" />
      <source>attachments of {mail}</source>
      <translation>Anhänge von {mail}</translation>
    </message>
    <message>
      <location filename="app/ingest/formats/mupdf.py" />
      <source>This file claims to be a PDF but is not one.</source>
      <translation>Diese Datei gibt sich als PDF aus, ist aber keines.</translation>
    </message>
    <message>
      <location filename="app/ingest/formats/mupdf.py" />
      <source>The PDF has no pages that can be read; it is damaged or incomplete.</source>
      <translation>Das PDF hat keine lesbaren Seiten; es ist beschädigt oder unvollständig.</translation>
    </message>
    <message>
      <location filename="app/ingest/formats/mupdf.py" />
      <source>The PDF needs more memory than reading may use; split it into parts.</source>
      <translation>Das PDF braucht mehr Speicher, als das Lesen benutzen darf; teilen Sie es auf.</translation>
    </message>
    <message>
      <location filename="app/ingest/formats/mupdf.py" />
      <source>The PDF is damaged and cannot be repaired; try to get it again.</source>
      <translation>Das PDF ist beschädigt und kann nicht repariert werden; besorgen Sie es noch einmal.</translation>
    </message>
    <message>
      <location filename="app/ingest/formats/opendocument/kind.py" />
      <source>OpenDocument</source>
      <translation>OpenDocument</translation>
    </message>
    <message>
      <location filename="app/ingest/formats/opendocument/layout.py" />
      <source>slides {first} to {last}</source>
      <translation>Folien {first} bis {last}</translation>
    </message>
    <message>
      <location filename="app/ingest/formats/opendocument/layout.py" />
      <source>Only the first {limit} slides are read; split the file to read the rest.</source>
      <translation>Nur die ersten {limit} Folien werden gelesen; teilen Sie die Datei auf, um auch den Rest zu lesen.</translation>
    </message>
    <message>
      <location filename="app/ingest/formats/opendocument/layout.py" />
      <source>The OpenDocument file is empty.</source>
      <translation>Die OpenDocument-Datei ist leer.</translation>
    </message>
    <message>
      <location filename="app/ingest/formats/opendocument/layout.py" />
      <source>The presentation has no slides.</source>
      <translation>Die Präsentation hat keine Folien.</translation>
    </message>
    <message>
      <location filename="app/ingest/formats/opendocument/package.py" />
      <source>The OpenDocument file is damaged and cannot be read; try to get it again from its source.</source>
      <translation>Die OpenDocument-Datei ist beschädigt und kann nicht gelesen werden; besorgen Sie sie noch einmal von ihrer Quelle.</translation>
    </message>
    <message>
      <location filename="app/ingest/formats/opendocument/sheets.py" />
      <source>the rest of sheet {name}</source>
      <translation>der Rest von Blatt {name}</translation>
    </message>
    <message>
      <location filename="app/ingest/formats/pdf/closer.py" />
      <source>The PDF has no page {number}.</source>
      <translation>Das PDF hat keine Seite {number}.</translation>
    </message>
    <message>
      <location filename="app/ingest/formats/pdf/closer.py" />
      <source>The region is too long for a picture; the limit is {limit} px per side.</source>
      <translation>Der Ausschnitt ist zu lang für ein Bild; die Grenze sind {limit} Pixel je Seite.</translation>
    </message>
    <message>
      <location filename="app/ingest/formats/pdf/closer.py" />
      <source>Page {number} is damaged and cannot be shown.</source>
      <translation>Seite {number} ist beschädigt und kann nicht gezeigt werden.</translation>
    </message>
    <message>
      <location filename="app/ingest/formats/pdf/inside.py" />
      <source>attached files</source>
      <translation>angehängte Dateien</translation>
    </message>
    <message>
      <location filename="app/ingest/formats/pdf/inside.py" />
      <source>form</source>
      <translation>Formular</translation>
    </message>
    <message>
      <location filename="app/ingest/formats/pdf/inside.py" />
      <source>It is a form that only Adobe Reader shows (XFA), so there is nothing to read on this page.</source>
      <translation>Es ist ein Formular, das nur Adobe Reader anzeigt (XFA); auf dieser Seite gibt es daher nichts zu lesen.</translation>
    </message>
    <message>
      <location filename="app/ingest/formats/pdf/inside.py" />
      <source>It is a form that only Adobe Reader shows (XFA); this page is only a placeholder for it.</source>
      <translation>Es ist ein Formular, das nur Adobe Reader zeigt (XFA); diese Seite ist nur ein Platzhalter dafür.</translation>
    </message>
    <message numerus="yes">
      <location filename="app/ingest/formats/pdf/inside.py" />
      <source>The PDF holds {n} attached files; open them from the list of attached files to read them: {names}.</source>
      <extracomment>The PDF holds an attached file; open it from the list of attached files to read it: {names}.</extracomment>
      <translation>
        <numerusform>Das PDF enthält einen Anhang; öffnen Sie ihn aus der Liste der Anhänge, um ihn zu lesen: {names}.</numerusform>
        <numerusform>Das PDF enthält {n} Anhänge; öffnen Sie sie aus der Liste der Anhänge, um sie zu lesen: {names}.</numerusform>
      </translation>
    </message>
    <message>
      <location filename="app/ingest/formats/pdf/inside.py" />
      <source>The PDF is a form that only Adobe Reader shows (XFA); print it to a PDF there and read that.</source>
      <translation>Die PDF-Datei ist ein Formular, das nur Adobe Reader anzeigt (XFA); drucken Sie es dort als PDF und lesen Sie dieses.</translation>
    </message>
    <message numerus="yes">
      <location filename="app/ingest/formats/pdf/inside.py" />
      <source>The PDF is a portfolio and this is its cover; open the {n} files in it from the list of attached files: {names}.</source>
      <extracomment>The PDF is a portfolio and this is its cover; open the file in it from the list of attached files: {names}.</extracomment>
      <translation>
        <numerusform>Das PDF ist ein Portfolio, und dies ist sein Deckblatt; öffnen Sie die Datei darin aus der Liste der Anhänge: {names}.</numerusform>
        <numerusform>Das PDF ist ein Portfolio, und dies ist sein Deckblatt; öffnen Sie die {n} Dateien darin aus der Liste der Anhänge: {names}.</numerusform>
      </translation>
    </message>
    <message>
      <location filename="app/ingest/formats/pdf/inside.py" />
      <source>The form also has a part that only Adobe Reader shows (XFA); that part is not read, but the form's fields are.</source>
      <translation>Das Formular hat auch einen Teil, den nur Adobe Reader anzeigt (XFA); er wird nicht gelesen, die Felder schon.</translation>
    </message>
    <message>
      <location filename="app/ingest/formats/pdf/inside.py" />
      <source>The PDF is a portfolio; the files in it are not read, only its cover.</source>
      <translation>Die PDF-Datei ist ein Portfolio; die darin enthaltenen Dateien werden nicht gelesen, nur das Deckblatt.</translation>
    </message>
    <message>
      <location filename="app/ingest/formats/pdf/kind.py" />
      <source>PDF</source>
      <translation>PDF</translation>
    </message>
    <message>
      <location filename="app/ingest/formats/pdf/reader.py" />
      <source>Some fields show something other than their stored value; the stored value is used.</source>
      <translation>Einige Felder zeigen etwas anderes als ihren gespeicherten Wert; verwendet wird der gespeicherte Wert.</translation>
    </message>
    <message>
      <location filename="app/ingest/formats/pdf/reader.py" />
      <source>The page cannot be read: it is damaged ({details}).</source>
      <translation>Die Seite kann nicht gelesen werden: Sie ist beschädigt ({details}).</translation>
    </message>
    <message>
      <location filename="app/ingest/formats/pdf/reader.py" />
      <source>The PDF is damaged and was repaired while reading; parts of it may be missing.</source>
      <translation>Das PDF ist beschädigt und wurde beim Lesen repariert; Teile davon können fehlen.</translation>
    </message>
    <message>
      <location filename="app/ingest/formats/pdf/reader.py" />
      <source>Only the first {limit} pages are read; split the PDF to read the rest.</source>
      <translation>Nur die ersten {limit} Seiten werden gelesen; teilen Sie das PDF, um den Rest zu lesen.</translation>
    </message>
    <message>
      <location filename="app/ingest/formats/pdf/reader.py" />
      <source>The page cannot be read: it needs more memory than reading may use.</source>
      <translation>Die Seite kann nicht gelesen werden: Sie braucht mehr Speicher, als das Lesen verwenden darf.</translation>
    </message>
    <message>
      <location filename="app/ingest/formats/pdf/reader.py" />
      <source>The page cannot be read: it is nested too deeply.</source>
      <translation>Die Seite kann nicht gelesen werden: Sie ist zu tief verschachtelt.</translation>
    </message>
    <message>
      <location filename="app/ingest/formats/pdf/reader.py" />
      <source>The page cannot be read: it is damaged.</source>
      <translation>Die Seite kann nicht gelesen werden: Sie ist beschädigt.</translation>
    </message>
    <message>
      <location filename="app/ingest/formats/pdf/reader.py" />
      <source>The file is damaged, so its contents may be missing.</source>
      <translation>Die Datei ist beschädigt, ihr Inhalt könnte fehlen.</translation>
    </message>
    <message numerus="yes">
      <location filename="app/ingest/formats/pdf/reader.py" />
      <source>It has {n} more comments, which are not read.</source>
      <extracomment>It has {n} more comment, which is not read.</extracomment>
      <translation>
        <numerusform>Sie hat einen weiteren Kommentar, der nicht gelesen wird.</numerusform>
        <numerusform>Sie hat {n} weitere Kommentare, die nicht gelesen werden.</numerusform>
      </translation>
    </message>
    <message>
      <location filename="app/ingest/formats/pdf/reader.py" />
      <source>Parts of the page are damaged and may be missing.</source>
      <translation>Teile der Seite sind beschädigt und könnten fehlen.</translation>
    </message>
    <message>
      <location filename="app/ingest/formats/pdf/reader.py" />
      <source>The page is too long for a picture; the limit is {limit} px per side.</source>
      <translation>Die Seite ist zu lang für ein Bild; die Grenze sind {limit} Pixel je Seite.</translation>
    </message>
    <message>
      <location filename="app/ingest/formats/pdf/reader.py" />
      <source>The page cannot be read.</source>
      <translation>Die Seite kann nicht gelesen werden.</translation>
    </message>
    <message>
      <location filename="app/ingest/formats/pdf/reader.py" />
      <source>The page has an impossible size ({width} × {height} points).</source>
      <translation>Die Seite hat eine unmögliche Größe ({width} × {height} Punkt).</translation>
    </message>
    <message>
      <location filename="app/ingest/formats/policy.py" />
      <source>The text layer may be wrong (its letters do not form words), so the page is also read as a picture.</source>
      <translation>Die Textebene ist vielleicht falsch (ihre Buchstaben ergeben keine Wörter), daher wird die Seite auch als Bild gelesen.</translation>
    </message>
    <message>
      <location filename="app/ingest/formats/policy.py" />
      <source>The text layer is sound, and the page also shows a picture.</source>
      <translation>Die Textebene ist in Ordnung, und die Seite zeigt auch ein Bild.</translation>
    </message>
    <message>
      <location filename="app/ingest/formats/policy.py" />
      <source>The text layer is sound, and the page also shows a table.</source>
      <translation>Die Textebene ist in Ordnung, und die Seite zeigt auch eine Tabelle.</translation>
    </message>
    <message>
      <location filename="app/ingest/formats/policy.py" />
      <source>The text layer is sound, and the page also shows a drawing.</source>
      <translation>Die Textebene ist in Ordnung, und die Seite zeigt auch eine Zeichnung.</translation>
    </message>
    <message>
      <location filename="app/ingest/formats/policy.py" />
      <source>The text layer may be wrong (its letters were decoded wrongly), so the page is also read as a picture.</source>
      <translation>Die Textebene ist vielleicht falsch (ihre Buchstaben wurden falsch dekodiert), daher wird die Seite auch als Bild gelesen.</translation>
    </message>
    <message>
      <location filename="app/ingest/formats/policy.py" />
      <source>The text layer may be wrong (it holds question marks or boxes instead of letters), so the page is also read as a picture.</source>
      <translation>Die Textebene ist vielleicht falsch (sie enthält Fragezeichen oder Kästchen statt Buchstaben), daher wird die Seite auch als Bild gelesen.</translation>
    </message>
    <message>
      <location filename="app/ingest/formats/policy.py" />
      <source>A scanner's program read the text from the page's picture; characters may be wrong, so the picture is shown as well.</source>
      <translation>Das Programm eines Scanners hat den Text aus dem Bild der Seite gelesen; Zeichen können falsch sein, deshalb wird auch das Bild gezeigt.</translation>
    </message>
    <message numerus="yes">
      <location filename="app/ingest/formats/policy.py" />
      <source>{n} characters of text that the page does not show were left out.</source>
      <extracomment>{n} character of text that the page does not show was left out.</extracomment>
      <translation>
        <numerusform>Ein Zeichen Text, das die Seite nicht zeigt, wurde weggelassen.</numerusform>
        <numerusform>{n} Zeichen Text, die die Seite nicht zeigt, wurden weggelassen.</numerusform>
      </translation>
    </message>
    <message>
      <location filename="app/ingest/formats/policy.py" />
      <source>Text read from the picture; the model also gets the picture, in low detail because pictures are slow on a CPU.</source>
      <translation>Der Text wurde aus dem Bild gelesen; das Modell bekommt auch das Bild, mit wenigen Details, weil Bilder auf einem Prozessor lange dauern.</translation>
    </message>
    <message>
      <location filename="app/ingest/formats/policy.py" />
      <source>The page has no visible text layer, so it is read as a picture.</source>
      <translation>Die Seite hat keine sichtbare Textebene, daher wird sie als Bild gelesen.</translation>
    </message>
    <message>
      <location filename="app/ingest/formats/policy.py" />
      <source>The text layer is damaged (unreadable characters), so the page is read as a picture.</source>
      <translation>Die Textebene ist beschädigt (unlesbare Zeichen), daher wird die Seite als Bild gelesen.</translation>
    </message>
    <message>
      <location filename="app/ingest/formats/policy.py" />
      <source>Parts of the text layer are damaged (unreadable characters), so the page is also read as a picture.</source>
      <translation>Teile der Textebene sind beschädigt (unlesbare Zeichen), daher wird die Seite auch als Bild gelesen.</translation>
    </message>
    <message>
      <location filename="app/ingest/formats/policy.py" />
      <source>The letters in the text layer differ from those on the page, so the page is read as a picture.</source>
      <translation>Die Buchstaben der Textebene weichen von denen auf der Seite ab; deshalb wird die Seite als Bild gelesen.</translation>
    </message>
    <message>
      <location filename="app/ingest/formats/policy.py" />
      <source>The text layer is damaged (its letters do not form words), so the page is read as a picture.</source>
      <translation>Die Textebene ist beschädigt (ihre Buchstaben ergeben keine Wörter); deshalb wird die Seite als Bild gelesen.</translation>
    </message>
    <message>
      <location filename="app/ingest/formats/policy.py" />
      <source>A picture covers the page and the text layer holds little of it, so both are read.</source>
      <translation>Ein Bild bedeckt die Seite, und die Textebene enthält wenig davon, daher wird beides gelesen.</translation>
    </message>
    <message>
      <location filename="app/ingest/formats/policy.py" />
      <source>The text layer is sound, but not every field has a label, so the page is also read as a picture.</source>
      <translation>Die Textebene ist in Ordnung, aber nicht jedes Feld hat eine Beschriftung; die Seite wird daher auch als Bild gelesen.</translation>
    </message>
    <message>
      <location filename="app/ingest/formats/policy.py" />
      <source>Text that a scanner's program read from the page's picture.</source>
      <translation>Text, den das Programm eines Scanners aus dem Bild der Seite gelesen hat.</translation>
    </message>
    <message>
      <location filename="app/ingest/formats/policy.py" />
      <source>The page was sideways or upside down, so it was rotated.</source>
      <translation>Die Seite lag quer oder auf dem Kopf und wurde daher gedreht.</translation>
    </message>
    <message>
      <location filename="app/ingest/formats/policy.py" />
      <source>Text read from the picture with low confidence, so the model also gets the picture in high detail.</source>
      <translation>Der Text wurde mit geringer Sicherheit aus dem Bild gelesen, deshalb bekommt das Modell auch das Bild mit vielen Details.</translation>
    </message>
    <message>
      <location filename="app/ingest/formats/policy.py" />
      <source>The picture also contains text, which was read, but it shows more than text.</source>
      <translation>Das Bild enthält auch Text, der gelesen wurde; es zeigt aber mehr als Text.</translation>
    </message>
    <message>
      <location filename="app/ingest/formats/policy.py" />
      <source>The page has no text layer, and only text was asked for.</source>
      <translation>Die Seite hat keine Textebene, und nur Text war gewünscht.</translation>
    </message>
    <message>
      <location filename="app/ingest/formats/policy.py" />
      <source>The text layer is sound.</source>
      <translation>Die Textebene ist in Ordnung.</translation>
    </message>
    <message>
      <location filename="app/ingest/formats/policy.py" />
      <source>No text was found in the picture.</source>
      <translation>In dem Bild wurde kein Text gefunden.</translation>
    </message>
    <message>
      <location filename="app/ingest/formats/policy.py" />
      <source>Its comments are left out.</source>
      <translation>Ihre Kommentare werden weggelassen.</translation>
    </message>
    <message>
      <location filename="app/ingest/formats/policy.py" />
      <source>Its comments are read as text.</source>
      <translation>Ihre Kommentare werden als Text gelesen.</translation>
    </message>
    <message>
      <location filename="app/ingest/formats/policy.py" />
      <source>Only its comments are read.</source>
      <translation>Nur ihre Kommentare werden gelesen.</translation>
    </message>
    <message>
      <location filename="app/ingest/formats/policy.py" />
      <source>The page has no text, either in a text layer or in its picture.</source>
      <translation>Die Seite hat keinen Text, weder in einer Textebene noch in ihrem Bild.</translation>
    </message>
    <message>
      <location filename="app/ingest/formats/policy.py" />
      <source>Text read from the picture, as only text was asked for.</source>
      <translation>Der Text wurde aus dem Bild gelesen, da nur Text verlangt war.</translation>
    </message>
    <message>
      <location filename="app/ingest/formats/policy.py" />
      <source>Text read from the picture; the model also gets the picture.</source>
      <translation>Der Text wurde aus dem Bild gelesen; das Modell bekommt auch das Bild.</translation>
    </message>
    <message>
      <location filename="app/ingest/formats/protected/kind.py" />
      <source>Office file with a password</source>
      <translation>Office-Datei mit Passwort</translation>
    </message>
    <message>
      <location filename="app/ingest/formats/protected/unlocking.py" />
      <source>The file is encrypted in a way that cannot be opened here; save it without a password and read that.</source>
      <translation>Die Datei ist auf eine Art verschlüsselt, die hier nicht geöffnet werden kann; speichern Sie sie ohne Passwort und lesen Sie diese.</translation>
    </message>
    <message>
      <location filename="app/ingest/formats/recording/hearing.py" />
      <source>sound</source>
      <translation>Ton</translation>
    </message>
    <message>
      <location filename="app/ingest/formats/recording/hearing.py" />
      <source>The model gets only the first {minutes} minutes of the sound; a transcript covers all of it.</source>
      <translation>Das Modell bekommt nur die ersten {minutes} Minuten des Tons; eine Mitschrift umfasst alles.</translation>
    </message>
    <message>
      <location filename="app/ingest/formats/recording/hearing.py" />
      <source>The temporary folder has no room for the rest of the sound; free some disk space.</source>
      <translation>Der temporäre Ordner hat keinen Platz für den Rest des Tons; schaffen Sie Platz auf dem Datenträger.</translation>
    </message>
    <message>
      <location filename="app/ingest/formats/recording/kind.py" />
      <source>Recording</source>
      <translation>Aufnahme</translation>
    </message>
    <message>
      <location filename="app/ingest/formats/recording/reader.py" />
      <source>No sound can be decoded; the recording is damaged or incomplete.</source>
      <translation>Es kann kein Ton dekodiert werden; die Aufnahme ist beschädigt oder unvollständig.</translation>
    </message>
    <message>
      <location filename="app/ingest/formats/recording/reader.py" />
      <source>A recording has no picture to look at.</source>
      <translation>Eine Aufnahme hat kein Bild, das man ansehen könnte.</translation>
    </message>
    <message>
      <location filename="app/ingest/formats/recording/reader.py" />
      <source>Parts of the sound are damaged and could not be decoded.</source>
      <translation>Teile des Tons sind beschädigt und konnten nicht dekodiert werden.</translation>
    </message>
    <message>
      <location filename="app/ingest/formats/recording/reader.py" />
      <source>The recording is too long; the rest was left out.</source>
      <translation>Die Aufnahme ist zu lang; der Rest wurde weggelassen.</translation>
    </message>
    <message>
      <location filename="app/ingest/formats/recording/reader.py" />
      <source>The recording uses a codec that cannot be read; convert it to MP3 or WAV.</source>
      <translation>Die Aufnahme verwendet einen Codec, der nicht gelesen werden kann; wandeln Sie sie in MP3 oder WAV um.</translation>
    </message>
    <message>
      <location filename="app/ingest/formats/recording/reader.py" />
      <source>The format of the video's sound cannot be read.</source>
      <translation>Das Format des Tons im Video kann nicht gelesen werden.</translation>
    </message>
    <message>
      <location filename="app/ingest/formats/rich/kind.py" />
      <source>Rich text</source>
      <translation>Rich Text</translation>
    </message>
    <message numerus="yes">
      <location filename="app/ingest/formats/rich/layout.py" />
      <source>{n} characters that are marked as deleted were left out.</source>
      <extracomment>{n} character that is marked as deleted was left out.</extracomment>
      <translation>
        <numerusform>{n} Zeichen, das als gelöscht markiert ist, wurde weggelassen.</numerusform>
        <numerusform>{n} Zeichen, die als gelöscht markiert sind, wurden weggelassen.</numerusform>
      </translation>
    </message>
    <message numerus="yes">
      <location filename="app/ingest/formats/rich/layout.py" />
      <source>{n} embedded files are not read; save them as separate files with another program, and add those files.</source>
      <extracomment>{n} embedded file is not read; save it as a separate file with another program, and add that file.</extracomment>
      <translation>
        <numerusform>{n} eingebettete Datei wird nicht gelesen; speichern Sie sie mit einem anderen Programm als eigene Datei und fügen Sie diese hinzu.</numerusform>
        <numerusform>{n} eingebettete Dateien werden nicht gelesen; speichern Sie sie mit einem anderen Programm als eigene Dateien und fügen Sie diese hinzu.</numerusform>
      </translation>
    </message>
    <message>
      <location filename="app/ingest/formats/rich/layout.py" />
      <source>The rich text file holds no text.</source>
      <translation>Die Rich-Text-Datei enthält keinen Text.</translation>
    </message>
    <message>
      <location filename="app/ingest/formats/scan/kind.py" />
      <source>Scan</source>
      <translation>Scan</translation>
    </message>
    <message>
      <location filename="app/ingest/formats/sheet/either.py" />
      <source>This is an Excel workbook from before 2007, which this copy of Lectern cannot read; save it as .xlsx first.</source>
      <translation>Das ist eine Excel-Arbeitsmappe aus der Zeit vor 2007, die diese Ausgabe von Lectern nicht lesen kann; speichern Sie sie zuerst als .xlsx.</translation>
    </message>
    <message>
      <location filename="app/ingest/formats/sheet/kind.py" />
      <source>Spreadsheet</source>
      <translation>Tabelle</translation>
    </message>
    <message>
      <location filename="app/ingest/formats/sheet/layout.py" />
      <source>The spreadsheet is damaged and cannot be read; try to get it again from its source.</source>
      <translation>Die Tabelle ist beschädigt und kann nicht gelesen werden; besorgen Sie sie noch einmal aus ihrer Quelle.</translation>
    </message>
    <message>
      <location filename="app/ingest/formats/sheet/layout.py" />
      <source>Only {cells} cells, {rows} rows and {columns} columns of a sheet, and {characters} characters of a cell are read; split the file to read the rest.</source>
      <translation>Nur {cells} Zellen, {rows} Zeilen und {columns} Spalten eines Blatts und {characters} Zeichen einer Zelle werden gelesen; teilen Sie die Datei auf, um auch den Rest zu lesen.</translation>
    </message>
    <message>
      <location filename="app/ingest/formats/sheet/layout.py" />
      <source>Only the first {limit} sheets are read; split the file to read the rest.</source>
      <translation>Nur die ersten {limit} Blätter werden gelesen; teilen Sie die Datei auf, um auch den Rest zu lesen.</translation>
    </message>
    <message>
      <location filename="app/ingest/formats/sheet/layout.py" />
      <source>The file does not say how its characters are encoded; it was read as {encoding}.</source>
      <translation>Die Datei gibt nicht an, wie ihre Zeichen codiert sind; sie wurde als {encoding} gelesen.</translation>
    </message>
    <message>
      <location filename="app/ingest/formats/sheet/layout.py" />
      <source>The spreadsheet is empty.</source>
      <translation>Die Tabelle ist leer.</translation>
    </message>
    <message>
      <location filename="app/ingest/formats/sheet/layout.py" />
      <source>rows from {first} on</source>
      <translation>Zeilen ab {first}</translation>
    </message>
    <message>
      <location filename="app/ingest/formats/sheet/layout.py" />
      <source>The sheets are large, so comments and merged cells in them are not read.</source>
      <translation>Die Blätter sind groß; Kommentare und verbundene Zellen darin werden nicht gelesen.</translation>
    </message>
    <message numerus="yes">
      <location filename="app/ingest/formats/sheet/older.py" />
      <source>{n} charts and pictures of this older kind of workbook are not read; save the file as .xlsx to see them.</source>
      <extracomment>{n} chart or picture of this older kind of workbook is not read; save the file as .xlsx to see it.</extracomment>
      <translation>
        <numerusform>{n} Diagramm oder Bild dieser älteren Art von Arbeitsmappe wird nicht gelesen; speichern Sie die Datei als .xlsx, um es zu sehen.</numerusform>
        <numerusform>{n} Diagramme und Bilder dieser älteren Art von Arbeitsmappe werden nicht gelesen; speichern Sie die Datei als .xlsx, um sie zu sehen.</numerusform>
      </translation>
    </message>
    <message>
      <location filename="app/ingest/formats/slides/kind.py" />
      <source>Presentation</source>
      <translation>Präsentation</translation>
    </message>
    <message>
      <location filename="app/ingest/formats/slides/layout.py" />
      <source>The presentation is damaged and cannot be read; try to get it again from its source.</source>
      <translation>Die Präsentation ist beschädigt und kann nicht gelesen werden; besorgen Sie sie noch einmal aus ihrer Quelle.</translation>
    </message>
    <message>
      <location filename="app/ingest/formats/slides/layout.py" />
      <source>slide {number}</source>
      <translation>Folie {number}</translation>
    </message>
    <message>
      <location filename="app/ingest/formats/slides/layout.py" />
      <source>Only {limit} shapes of the slide are read.</source>
      <translation>Nur {limit} Formen der Folie werden gelesen.</translation>
    </message>
    <message>
      <location filename="app/ingest/formats/subtitles/kind.py" />
      <source>Subtitles</source>
      <translation>Untertitel</translation>
    </message>
    <message>
      <location filename="app/ingest/formats/subtitles/layout.py" />
      <source>No subtitles with times can be read; the file is damaged or holds no subtitles.</source>
      <translation>Es sind keine Untertitel mit Zeiten lesbar; die Datei ist beschädigt oder enthält keine Untertitel.</translation>
    </message>
    <message numerus="yes">
      <location filename="app/ingest/formats/subtitles/reading.py" />
      <source>{n} subtitles are damaged and were left out.</source>
      <extracomment>{n} subtitle is damaged and was left out.</extracomment>
      <translation>
        <numerusform>{n} Untertitel ist beschädigt und wurde weggelassen.</numerusform>
        <numerusform>{n} Untertitel sind beschädigt und wurden weggelassen.</numerusform>
      </translation>
    </message>
    <message>
      <location filename="app/ingest/formats/subtitles/tracks.py" />
      <source>subtitles</source>
      <translation>Untertitel</translation>
    </message>
    <message>
      <location filename="app/ingest/formats/subtitles/tracks.py" />
      <source>There are more subtitles than Lectern reads; the rest was left out.</source>
      <translation>Es gibt mehr Untertitel, als Lectern liest; der Rest wurde weggelassen.</translation>
    </message>
    <message>
      <location filename="app/ingest/formats/subtitles/tracks.py" />
      <source>Only {first} is given to the model; the others can be shown, searched and quoted: {tracks}.</source>
      <translation>Nur {first} wird dem Modell gegeben; die anderen können angezeigt, durchsucht und zitiert werden: {tracks}.</translation>
    </message>
    <message>
      <location filename="app/ingest/formats/subtitles/tracks.py" />
      <source>subtitle file {name}</source>
      <translation>Untertiteldatei {name}</translation>
    </message>
    <message>
      <location filename="app/ingest/formats/subtitles/tracks.py" />
      <source>These subtitles are pictures, which are not read: {tracks}.</source>
      <translation>Diese Untertitel sind Bilder und werden nicht gelesen: {tracks}.</translation>
    </message>
    <message>
      <location filename="app/ingest/formats/subtitles/tracks.py" />
      <source>The format of these subtitles cannot be read: {tracks}.</source>
      <translation>Das Format dieser Untertitel kann nicht gelesen werden: {tracks}.</translation>
    </message>
    <message>
      <location filename="app/ingest/formats/subtitles/tracks.py" />
      <source>The subtitle file cannot be read; check its permissions.</source>
      <translation>Die Untertiteldatei kann nicht gelesen werden; prüfen Sie ihre Zugriffsrechte.</translation>
    </message>
    <message>
      <location filename="app/ingest/formats/subtitles/tracks.py" />
      <source>The subtitle file is very long; only its beginning was read.</source>
      <translation>Die Untertiteldatei ist sehr lang; nur ihr Anfang wurde gelesen.</translation>
    </message>
    <message>
      <location filename="app/ingest/formats/subtitles/tracks.py" />
      <source>No subtitles with times can be read from it.</source>
      <translation>Daraus sind keine Untertitel mit Zeiten lesbar.</translation>
    </message>
    <message>
      <location filename="app/ingest/formats/text/kind.py" />
      <source>Text</source>
      <translation>Text</translation>
    </message>
    <message>
      <location filename="app/ingest/formats/text/layout.py" />
      <source>The file holds only spaces and empty lines.</source>
      <translation>Die Datei enthält nur Leerzeichen und leere Zeilen.</translation>
    </message>
    <message>
      <location filename="app/ingest/formats/text/layout.py" />
      <source>Its name says {kind}, but the file holds plain text.</source>
      <translation>Der Name verspricht etwas anderes ({kind}), aber die Datei enthält reinen Text.</translation>
    </message>
    <message>
      <location filename="app/ingest/formats/video/closer.py" />
      <source>There is no frame at this time that can be decoded.</source>
      <translation>Zu dieser Zeit gibt es kein Einzelbild, das sich dekodieren lässt.</translation>
    </message>
    <message>
      <location filename="app/ingest/formats/video/frames.py" />
      <source>The temporary folder has no room for more pictures; read fewer frames.</source>
      <translation>Der temporäre Ordner hat keinen Platz für weitere Bilder; lesen Sie weniger Einzelbilder.</translation>
    </message>
    <message>
      <location filename="app/ingest/formats/video/frames.py" />
      <source>from {time} on</source>
      <translation>ab {time}</translation>
    </message>
    <message>
      <location filename="app/ingest/formats/video/kind.py" />
      <source>Video</source>
      <translation>Video</translation>
    </message>
    <message>
      <location filename="app/ingest/formats/video/notes.py" />
      <source>The video has {tracks} video tracks; only the first is read.</source>
      <translation>Das Video hat {tracks} Videospuren; nur die erste wird gelesen.</translation>
    </message>
    <message>
      <location filename="app/ingest/formats/video/reader.py" />
      <source>The video is damaged or incomplete and cannot be opened; try to get it again.</source>
      <translation>Das Video ist beschädigt oder unvollständig und kann nicht geöffnet werden; besorgen Sie es noch einmal.</translation>
    </message>
    <message>
      <location filename="app/ingest/formats/video/reader.py" />
      <source>The video's frames are too large; the limit is 8K.</source>
      <translation>Die Einzelbilder des Videos sind zu groß; die Grenze ist 8K.</translation>
    </message>
    <message>
      <location filename="app/ingest/formats/video/reader.py" />
      <source>The file has neither a video track nor a sound track that can be read.</source>
      <translation>Die Datei hat weder eine Videospur noch eine Tonspur, die gelesen werden kann.</translation>
    </message>
    <message>
      <location filename="app/ingest/formats/video/reader.py" />
      <source>The file specifies an impossible rotation, so the picture is shown as it is stored.</source>
      <translation>Die Datei gibt eine unmögliche Drehung an, daher wird das Bild so gezeigt, wie es gespeichert ist.</translation>
    </message>
    <message>
      <location filename="app/ingest/formats/video/reader.py" />
      <source>Parts of the video are damaged and could not be decoded.</source>
      <translation>Teile des Videos sind beschädigt und konnten nicht dekodiert werden.</translation>
    </message>
    <message>
      <location filename="app/ingest/formats/video/reader.py" />
      <source>Some frames have no time in the file and were left out.</source>
      <translation>Einige Einzelbilder haben in der Datei keine Zeit und wurden weggelassen.</translation>
    </message>
    <message>
      <location filename="app/ingest/formats/video/reader.py" />
      <source>The video has closed captions (CEA-608 or CEA-708), which are not read.</source>
      <translation>Das Video hat eingebettete Untertitel (CEA-608 oder CEA-708), die nicht gelesen werden.</translation>
    </message>
    <message>
      <location filename="app/ingest/formats/video/reader.py" />
      <source>The video's frames are too large ({width} × {height} px); the limit is 8K.</source>
      <translation>Die Einzelbilder des Videos sind zu groß ({width} × {height} px); die Grenze ist 8K.</translation>
    </message>
    <message>
      <location filename="app/ingest/formats/video/reader.py" />
      <source>No frame of the video can be decoded; it is damaged or incomplete.</source>
      <translation>Kein Einzelbild des Videos kann dekodiert werden; es ist beschädigt oder unvollständig.</translation>
    </message>
    <message>
      <location filename="app/ingest/formats/video/reader.py" />
      <source>The video uses a codec that cannot be read; convert it to MP4 (H.264).</source>
      <translation>Das Video benutzt einen Codec, der nicht gelesen werden kann; wandeln Sie es in MP4 (H.264) um.</translation>
    </message>
    <message>
      <location filename="app/ingest/formats/video/reader.py" />
      <source>captions</source>
      <translation>Untertitelspur</translation>
    </message>
    <message>
      <location filename="app/ingest/formats/web/kind.py" />
      <source>Web page</source>
      <translation>Webseite</translation>
    </message>
    <message numerus="yes">
      <location filename="app/ingest/formats/web/layout.py" />
      <source>{n} pictures that are not in the file, or cannot be shown, were left out; nothing is fetched.</source>
      <extracomment>{n} picture that is not in the file, or cannot be shown, was left out; nothing is fetched.</extracomment>
      <translation>
        <numerusform>{n} Bild, das nicht in der Datei ist oder nicht gezeigt werden kann, wurde weggelassen; nichts wird geladen.</numerusform>
        <numerusform>{n} Bilder, die nicht in der Datei sind oder nicht gezeigt werden können, wurden weggelassen; nichts wird geladen.</numerusform>
      </translation>
    </message>
    <message>
      <location filename="app/ingest/formats/web/layout.py" />
      <source>The web page shows nothing without the network or its scripts.</source>
      <translation>Die Webseite zeigt ohne das Netz oder ihre Skripte nichts.</translation>
    </message>
    <message>
      <location filename="app/ingest/formats/word/kind.py" />
      <source>Word document</source>
      <translation>Word-Dokument</translation>
    </message>
    <message>
      <location filename="app/ingest/formats/word/layout.py" />
      <source>The Word document is damaged and cannot be read; try to get it again from its source.</source>
      <translation>Das Word-Dokument ist beschädigt und kann nicht gelesen werden; besorgen Sie es noch einmal aus seiner Quelle.</translation>
    </message>
    <message>
      <location filename="app/ingest/formats/word/layout.py" />
      <source>The Word document is empty.</source>
      <translation>Das Word-Dokument ist leer.</translation>
    </message>
    <message>
      <location filename="app/ingest/kinds.py" />
      <source>This kind of file cannot be read; Lectern reads documents, pictures, videos and recordings.</source>
      <translation>Diese Art von Datei kann nicht gelesen werden; Lectern liest Dokumente, Bilder, Videos und Aufnahmen.</translation>
    </message>
    <message>
      <location filename="app/ingest/kinds.py" />
      <source>This is a JPEG XL picture, which cannot be read yet; save it as PNG or JPEG.</source>
      <translation>Das ist ein JPEG-XL-Bild, das noch nicht gelesen werden kann; speichern Sie es als PNG oder JPEG.</translation>
    </message>
    <message>
      <location filename="app/ingest/kinds.py" />
      <source>This is an archive; unpack it and add the files in it.</source>
      <translation>Dies ist ein Archiv; entpacken Sie es und fügen Sie die Dateien darin hinzu.</translation>
    </message>
    <message>
      <location filename="app/ingest/kinds.py" />
      <source>This file is from an older program; save it as .docx, .xlsx, .pptx or PDF first.</source>
      <translation>Diese Datei stammt aus einem älteren Programm; speichern Sie sie zuerst als .docx, .xlsx, .pptx oder PDF.</translation>
    </message>
    <message>
      <location filename="app/ingest/kinds.py" />
      <source>This file only points to a network stream, which Lectern never opens.</source>
      <translation>Diese Datei verweist nur auf einen Netzwerkstream, den Lectern nie öffnet.</translation>
    </message>
    <message>
      <location filename="app/ingest/kinds.py" />
      <source>The file is larger than the limit of {limit} for this kind of file.</source>
      <translation>Die Datei ist größer als die Grenze von {limit} für diese Art von Datei.</translation>
    </message>
    <message>
      <location filename="app/ingest/kinds.py" />
      <source>This is a Word document from before 2007; save it as .docx or PDF first.</source>
      <translation>Das ist ein Word-Dokument aus der Zeit vor 2007; speichern Sie es zuerst als .docx oder PDF.</translation>
    </message>
    <message>
      <location filename="app/ingest/kinds.py" />
      <source>This is a presentation from before 2007; save it as .pptx or PDF first.</source>
      <translation>Das ist eine Präsentation aus der Zeit vor 2007; speichern Sie sie zuerst als .pptx oder PDF.</translation>
    </message>
    <message>
      <location filename="app/ingest/kinds.py" />
      <source>This is a PostScript file, which is a program and is never run; convert it to PDF first.</source>
      <translation>Das ist eine PostScript-Datei, also ein Programm, das nie ausgeführt wird; wandeln Sie sie zuerst in PDF um.</translation>
    </message>
    <message>
      <location filename="app/ingest/kinds.py" />
      <source>This is a Photoshop file; export it as PNG first.</source>
      <translation>Das ist eine Photoshop-Datei; exportieren Sie sie zuerst als PNG.</translation>
    </message>
    <message>
      <location filename="app/ingest/kinds.py" />
      <source>This is a playlist that points to other files or to the network, and Lectern never follows it.</source>
      <translation>Das ist eine Wiedergabeliste, die auf andere Dateien oder ins Netz zeigt; Lectern folgt ihr nie.</translation>
    </message>
    <message>
      <location filename="app/ingest/kinds.py" />
      <source>This is an SVG drawing, which cannot be read; save it as PNG or PDF.</source>
      <translation>Das ist eine SVG-Zeichnung, die nicht gelesen werden kann; speichern Sie sie als PNG oder PDF.</translation>
    </message>
    <message>
      <location filename="app/ingest/kinds.py" />
      <source>This is a folder; choose the files inside it.</source>
      <translation>Das ist ein Ordner; wählen Sie die Dateien darin.</translation>
    </message>
    <message>
      <location filename="app/ingest/kinds.py" />
      <source>This is a device, a pipe or a socket, and only regular files are read.</source>
      <translation>Das ist ein Gerät, eine Pipe oder ein Socket; gelesen werden nur einfache Dateien.</translation>
    </message>
    <message>
      <location filename="app/ingest/kinds.py" />
      <source>The file is empty (0 bytes); it may not have been downloaded completely.</source>
      <translation>Die Datei ist leer (0 Byte); vielleicht wurde sie nicht vollständig heruntergeladen.</translation>
    </message>
    <message>
      <location filename="app/ingest/kinds.py" />
      <source>This is a binary Excel workbook (.xlsb); save it as .xlsx first.</source>
      <translation>Das ist eine binäre Excel-Mappe (.xlsb); speichern Sie sie zuerst als .xlsx.</translation>
    </message>
    <message>
      <location filename="app/ingest/kinds.py" />
      <source>This is a file of Pages, Numbers or Keynote; export it as PDF or for Office first.</source>
      <translation>Das ist eine Datei von Pages, Numbers oder Keynote; exportieren Sie sie zuerst als PDF oder für Office.</translation>
    </message>
    <message>
      <location filename="app/ingest/kinds.py" />
      <source>There is no such file; it may have been moved or renamed.</source>
      <translation>Diese Datei gibt es nicht; vielleicht wurde sie verschoben oder umbenannt.</translation>
    </message>
    <message>
      <location filename="app/ingest/kinds.py" />
      <source>You do not have permission to open this file; check its permissions.</source>
      <translation>Sie dürfen diese Datei nicht öffnen; prüfen Sie ihre Zugriffsrechte.</translation>
    </message>
    <message>
      <location filename="app/ingest/kinds.py" />
      <source>This file cannot be reached: {why}.</source>
      <translation>Diese Datei ist nicht erreichbar: {why}.</translation>
    </message>
    <message>
      <location filename="app/ingest/kinds.py" />
      <source>This file cannot be read: {why}.</source>
      <translation>Diese Datei kann nicht gelesen werden: {why}.</translation>
    </message>
    <message>
      <location filename="app/ingest/listen/child.py" />
      <source>The sound needs more memory than listening may use.</source>
      <translation>Der Ton braucht mehr Speicher, als das Zuhören verwenden darf.</translation>
    </message>
    <message>
      <location filename="app/ingest/listen/child.py" />
      <source>The sound is damaged in a way that cannot be read.</source>
      <translation>Der Ton ist so beschädigt, dass er nicht gelesen werden kann.</translation>
    </message>
    <message>
      <location filename="app/ingest/listen/listener.py" />
      <source>The sound could not be read.</source>
      <translation>Der Ton konnte nicht gelesen werden.</translation>
    </message>
    <message>
      <location filename="app/ingest/listen/types.py" />
      <source>This is neither a recording nor a video; only these can be transcribed.</source>
      <translation>Dies ist weder eine Aufnahme noch ein Video; nur diese können mitgeschrieben werden.</translation>
    </message>
    <message>
      <location filename="app/ingest/listen/types.py" />
      <source>The file has no sound that can be read.</source>
      <translation>Die Datei hat keinen Ton, der gelesen werden kann.</translation>
    </message>
    <message>
      <location filename="app/ingest/ocr/merging.py" />
      <source>Text in its pictures was read.</source>
      <translation>Der Text in ihren Bildern wurde gelesen.</translation>
    </message>
    <message>
      <location filename="app/ingest/ocr/merging.py" />
      <source>Time ran out before all of the text in its picture was read, so some of it is missing.</source>
      <translation>Die Zeit lief ab, bevor der ganze Text in ihrem Bild gelesen war; ein Teil davon fehlt.</translation>
    </message>
    <message>
      <location filename="app/ingest/ocr/recogniser.py" />
      <source>Reading was stopped.</source>
      <translation>Das Lesen wurde angehalten.</translation>
    </message>
    <message>
      <location filename="app/ingest/ocr/recogniser.py" />
      <source>Text recognition crashed or hung on too many pages.</source>
      <translation>Die Texterkennung ist bei zu vielen Seiten abgestürzt oder hängen geblieben.</translation>
    </message>
    <message>
      <location filename="app/ingest/ocr/recogniser.py" />
      <source>Text on its frames could not be read.</source>
      <translation>Text auf Einzelbildern konnte nicht gelesen werden.</translation>
    </message>
    <message>
      <location filename="app/ingest/ocr/recogniser.py" />
      <source>The text in its picture could not be read.</source>
      <translation>Der Text in ihrem Bild konnte nicht gelesen werden.</translation>
    </message>
    <message>
      <location filename="app/ingest/ocr/recogniser.py" />
      <source>Too many pages before it could not be read.</source>
      <translation>Zu viele Seiten davor konnten nicht gelesen werden.</translation>
    </message>
    <message>
      <location filename="app/ingest/ocr/screen.py" />
      <source>text on frames</source>
      <translation>Text auf Einzelbildern</translation>
    </message>
    <message>
      <location filename="app/ingest/ocr/screen.py" />
      <source>The video is long, so text was looked for only every few seconds; text shown for a moment may be missing.</source>
      <translation>Das Video ist lang, daher wurde nur alle paar Sekunden nach Text gesucht; kurz gezeigter Text kann fehlen.</translation>
    </message>
    <message>
      <location filename="app/ingest/ocr/screen.py" />
      <source>Text on the frames of the minute after it could not be read.</source>
      <translation>Text auf Einzelbildern der Minute danach konnte nicht gelesen werden.</translation>
    </message>
    <message>
      <location filename="app/ingest/ocr/screen.py" />
      <source>Time ran out before text on all of its frames was read.</source>
      <translation>Die Zeit reichte nicht, um den Text auf allen Einzelbildern zu lesen.</translation>
    </message>
    <message>
      <location filename="app/ingest/ocr/tesseract.py" />
      <source>The language file {name} cannot be used; download it again or remove it.</source>
      <translation>Die Sprachdatei {name} ist nicht verwendbar; laden Sie sie neu herunter oder entfernen Sie sie.</translation>
    </message>
    <message>
      <location filename="app/ingest/ocr/worker.py" />
      <source>The text in this picture could not be read: it needs more memory than reading may use.</source>
      <translation>Der Text in diesem Bild konnte nicht gelesen werden: Es braucht mehr Speicher, als das Lesen belegen darf.</translation>
    </message>
    <message>
      <location filename="app/ingest/ocr/worker.py" />
      <source>The text in this picture could not be read.</source>
      <translation>Der Text in diesem Bild konnte nicht gelesen werden.</translation>
    </message>
    <message>
      <location filename="app/ingest/ocr/worker.py" />
      <source>Text in pictures is not read for this kind of file.</source>
      <translation>Bei dieser Art von Datei wird Text in Bildern nicht gelesen.</translation>
    </message>
    <message>
      <location filename="app/ingest/ocr/worker.py" />
      <source>Text recognition is not available on this system.</source>
      <translation>Die Texterkennung ist auf diesem System nicht verfügbar.</translation>
    </message>
    <message>
      <location filename="app/ingest/ocr/worker.py" />
      <source>No language data for text recognition was found; install Lectern again.</source>
      <translation>Es wurden keine Sprachdaten für die Texterkennung gefunden; installieren Sie Lectern neu.</translation>
    </message>
    <message>
      <location filename="app/ingest/play/playing.py" />
      <source>The video needs more memory than playing may use.</source>
      <translation>Das Video braucht mehr Speicher, als das Abspielen benutzen darf.</translation>
    </message>
    <message>
      <location filename="app/ingest/play/playing.py" />
      <source>The video is damaged and cannot be played.</source>
      <translation>Das Video ist beschädigt und kann nicht abgespielt werden.</translation>
    </message>
    <message>
      <location filename="app/ingest/play/playing.py" />
      <source>This is not a video.</source>
      <translation>Das ist kein Video.</translation>
    </message>
    <message>
      <location filename="app/ingest/play/sound.py" />
      <source>The video has no sound that can be played.</source>
      <translation>Das Video hat keinen Ton, der abgespielt werden kann.</translation>
    </message>
    <message>
      <location filename="app/ingest/process/child.py" />
      <source>It made the reading process crash.</source>
      <translation>Der Leseprozess ist deshalb abgestürzt.</translation>
    </message>
    <message>
      <location filename="app/ingest/process/child.py" />
      <source>It made the reading process misbehave.</source>
      <translation>Der Leseprozess hat sich deshalb falsch verhalten.</translation>
    </message>
    <message>
      <location filename="app/ingest/process/child.py" />
      <source>It took longer than {seconds} seconds and was stopped.</source>
      <translation>Es dauerte länger als {seconds} Sekunden und wurde angehalten.</translation>
    </message>
    <message>
      <location filename="app/ingest/process/child.py" />
      <source>The reading process did not start properly.</source>
      <translation>Der Leseprozess ist nicht richtig gestartet.</translation>
    </message>
    <message>
      <location filename="app/ingest/process/child.py" />
      <source>The reading process ended unexpectedly.</source>
      <translation>Der Leseprozess hat unerwartet geendet.</translation>
    </message>
    <message>
      <location filename="app/ingest/process/child.py" />
      <source>It needs more memory than reading may use.</source>
      <translation>Es braucht mehr Speicher, als das Lesen benutzen darf.</translation>
    </message>
    <message>
      <location filename="app/ingest/process/spool.py" />
      <source>The temporary folder cannot be used ({why}); free some disk space or check its permissions.</source>
      <translation>Der temporäre Ordner kann nicht benutzt werden ({why}); machen Sie auf der Festplatte Platz oder prüfen Sie seine Rechte.</translation>
    </message>
    <message>
      <location filename="app/ingest/read/assembly.py" />
      <source>The file could not be read.</source>
      <translation>Die Datei konnte nicht gelesen werden.</translation>
    </message>
    <message>
      <location filename="app/ingest/read/assembly.py" />
      <source>The file changed while it was read; read it again.</source>
      <translation>Die Datei hat sich beim Lesen geändert; lesen Sie sie noch einmal.</translation>
    </message>
    <message>
      <location filename="app/ingest/read/assembly.py" />
      <source>No page can be read.</source>
      <translation>Keine Seite kann gelesen werden.</translation>
    </message>
    <message>
      <location filename="app/ingest/read/assembly.py" />
      <source>after {seconds} s</source>
      <translation>nach {seconds} s</translation>
    </message>
    <message>
      <location filename="app/ingest/read/hashing.py" />
      <source>The file cannot be read to its end; check the disk or the network drive.</source>
      <translation>Die Datei kann nicht bis zum Ende gelesen werden; prüfen Sie die Festplatte oder das Netzlaufwerk.</translation>
    </message>
    <message>
      <location filename="app/ingest/read/reader.py" />
      <source>The attached file could not be opened.</source>
      <translation>Der Anhang konnte nicht geöffnet werden.</translation>
    </message>
    <message>
      <location filename="app/ingest/read/reader.py" />
      <source>The page could not be shown.</source>
      <translation>Die Seite konnte nicht gezeigt werden.</translation>
    </message>
    <message>
      <location filename="app/ingest/read/reader.py" />
      <source>The image detail must be one of {allowed}.</source>
      <translation>Die Bilddetails müssen einer dieser Werte sein: {allowed}.</translation>
    </message>
    <message>
      <location filename="app/ingest/read/reader.py" />
      <source>The mode must be auto, text, image or both.</source>
      <translation>Die Art des Lesens muss auto, text, image oder both sein.</translation>
    </message>
    <message>
      <location filename="app/ingest/read/reader.py" />
      <source>The number of frames must be between 1 and {limit}.</source>
      <translation>Die Zahl der Einzelbilder muss zwischen 1 und {limit} liegen.</translation>
    </message>
    <message>
      <location filename="app/ingest/read/reader.py" />
      <source>The password is longer than {limit} characters.</source>
      <translation>Das Passwort ist länger als {limit} Zeichen.</translation>
    </message>
    <message>
      <location filename="app/ingest/read/reader.py" />
      <source>The region must be inside the page.</source>
      <translation>Der Ausschnitt muss innerhalb der Seite liegen.</translation>
    </message>
    <message>
      <location filename="app/ingest/read/reader.py" />
      <source>Reading the file took longer than {seconds} seconds.</source>
      <translation>Das Lesen der Datei dauerte länger als {seconds} Sekunden.</translation>
    </message>
    <message>
      <location filename="app/ingest/read/reader.py" />
      <source>Too many earlier pages crashed the reader or hung.</source>
      <translation>Bei zu vielen Seiten davor ist das Lesen abgestürzt oder hängen geblieben.</translation>
    </message>
    <message>
      <location filename="app/ingest/read/worker.py" />
      <source>The file needs more memory than reading may use; split it or save it smaller.</source>
      <translation>Die Datei braucht mehr Speicher, als das Lesen benutzen darf; teilen Sie sie auf oder speichern Sie sie kleiner.</translation>
    </message>
    <message>
      <location filename="app/ingest/searchable/child.py" />
      <source>Saving the file needs more memory than it may use; split it into parts.</source>
      <translation>Das Speichern der Datei braucht mehr Speicher, als es nutzen darf; bitte die Datei aufteilen.</translation>
    </message>
    <message>
      <location filename="app/ingest/searchable/child.py" />
      <source>The file is damaged in a way that keeps it from being saved as a searchable PDF.</source>
      <translation>Die Datei ist so beschädigt, dass sie nicht als durchsuchbares PDF gespeichert werden kann.</translation>
    </message>
    <message>
      <location filename="app/ingest/searchable/making.py" />
      <source>Only PDF files and pictures can be saved as a searchable PDF.</source>
      <translation>Nur PDF-Dateien und Bilder können als durchsuchbares PDF gespeichert werden.</translation>
    </message>
    <message>
      <location filename="app/ingest/searchable/making.py" />
      <source>The PDF could not be written; free some disk space or choose another folder.</source>
      <translation>Das PDF konnte nicht geschrieben werden; bitte Platz schaffen oder einen anderen Ordner wählen.</translation>
    </message>
    <message>
      <location filename="app/ingest/searchable/saving.py" />
      <source>The searchable PDF needs another name than the file that it is made from.</source>
      <translation>Das durchsuchbare PDF braucht einen anderen Namen als die Datei, aus der es entsteht.</translation>
    </message>
    <message>
      <location filename="app/ingest/searchable/saving.py" />
      <source>{name} could not be written: {why}.</source>
      <translation>{name} konnte nicht geschrieben werden: {why}.</translation>
    </message>
    <message>
      <location filename="app/ingest/searchable/saving.py" />
      <source>The searchable PDF could not be written.</source>
      <translation>Das durchsuchbare PDF konnte nicht geschrieben werden.</translation>
    </message>
    <message>
      <location filename="app/ingest/shots/finder.py" />
      <source>The scenes could not be found.</source>
      <translation>Die Szenen konnten nicht gefunden werden.</translation>
    </message>
    <message>
      <location filename="app/ingest/shots/finder.py" />
      <source>At most {scenes} scenes and {frames} frames can be taken from a video.</source>
      <translation>Aus einem Video lassen sich höchstens {scenes} Szenen und {frames} Einzelbilder nehmen.</translation>
    </message>
    <message>
      <location filename="app/ingest/shots/finder.py" />
      <source>Finding the scenes took longer than {seconds} seconds and was stopped.</source>
      <translation>Das Finden der Szenen dauerte länger als {seconds} Sekunden und wurde angehalten.</translation>
    </message>
    <message>
      <location filename="app/ingest/shots/finder.py" />
      <source>This is not a video; only videos have scenes.</source>
      <translation>Das ist kein Video; nur Videos haben Szenen.</translation>
    </message>
    <message>
      <location filename="app/ingest/shots/reading.py" />
      <source>The video is long, so most of it was sampled only every few seconds; short scenes may be missing.</source>
      <translation>Das Video ist lang, daher wurde das meiste nur alle paar Sekunden angesehen; kurze Szenen können fehlen.</translation>
    </message>
    <message>
      <location filename="app/ingest/shots/reading.py" />
      <source>The video is too long to be scanned to its end.</source>
      <translation>Das Video ist zu lang, um bis zum Ende angesehen zu werden.</translation>
    </message>
    <message>
      <location filename="app/ingest/shots/reading.py" />
      <source>The temporary folder has no room for more pictures; the remaining scenes have none.</source>
      <translation>Der temporäre Ordner hat keinen Platz für weitere Bilder; die übrigen Szenen haben keine.</translation>
    </message>
    <message>
      <location filename="app/ingest/types.py" />
      <source>file</source>
      <translation>Datei</translation>
    </message>
    <message>
      <location filename="app/ingest/types.py" />
      <source>Its text was cut: the limits are {characters} characters and {lines} lines.</source>
      <translation>Ihr Text wurde gekürzt: Die Grenzen sind {characters} Zeichen und {lines} Zeilen.</translation>
    </message>
    <message>
      <location filename="app/ingest/view/shown_image.py" />
      <source>The picture has no page {number}.</source>
      <translation>Das Bild hat keine Seite {number}.</translation>
    </message>
    <message>
      <location filename="app/ingest/view/shown_image.py" />
      <source>This region is outside the picture.</source>
      <translation>Dieser Ausschnitt liegt außerhalb des Bildes.</translation>
    </message>
    <message>
      <location filename="app/ingest/view/shown_image.py" />
      <source>The region is outside the picture.</source>
      <translation>Der Ausschnitt liegt außerhalb des Bildes.</translation>
    </message>
    <message>
      <location filename="app/ingest/view/shown_pdf.py" />
      <source>The page is damaged.</source>
      <translation>Die Seite ist beschädigt.</translation>
    </message>
    <message>
      <location filename="app/ingest/view/shown_pdf.py" />
      <source>The region is outside the page.</source>
      <translation>Der Ausschnitt liegt außerhalb der Seite.</translation>
    </message>
    <message>
      <location filename="app/ingest/view/types.py" />
      <source>The file is protected by a password.</source>
      <translation>Die Datei ist mit einem Passwort geschützt.</translation>
    </message>
    <message>
      <location filename="app/ingest/view/types.py" />
      <source>This is not the file's password.</source>
      <translation>Das ist nicht das Passwort der Datei.</translation>
    </message>
    <message>
      <location filename="app/ingest/view/viewing_child.py" />
      <source>It is damaged.</source>
      <translation>Sie ist beschädigt.</translation>
    </message>
    <message>
      <location filename="app/ingest/view/viewing_child.py" />
      <source>It needs more memory than showing it may use.</source>
      <translation>Es braucht mehr Speicher, als das Zeigen benutzen darf.</translation>
    </message>
    <message>
      <location filename="app/ingest/view/viewing_child.py" />
      <source>This is a video; it has no pages.</source>
      <translation>Das ist ein Video; es hat keine Seiten.</translation>
    </message>
    <message>
      <location filename="app/ingest/view/viewing_child.py" />
      <source>The file is no longer where it was; put it back or add it from its new location.</source>
      <translation>Die Datei ist nicht mehr an ihrem Ort; legen Sie sie zurück oder fügen Sie sie von ihrem neuen Ort hinzu.</translation>
    </message>
    <message>
      <location filename="app/library/checksums.py" />
      <source>{folder} lacks {name}, which its {sums} names; copy the folder again.</source>
      <translation>{folder} fehlt {name}, das {sums} nennt; kopieren Sie den Ordner noch einmal.</translation>
    </message>
    <message>
      <location filename="app/library/checksums.py" />
      <source>{path} cannot be read; copy the folder again or delete that file.</source>
      <translation>{path} kann nicht gelesen werden; kopieren Sie den Ordner noch einmal oder löschen Sie diese Datei.</translation>
    </message>
    <message>
      <location filename="app/library/checksums.py" />
      <source>{path} is not a list of SHA-256 checksums; copy the folder again or delete that file.</source>
      <translation>{path} ist keine Liste von SHA-256-Prüfsummen; kopieren Sie den Ordner noch einmal oder löschen Sie diese Datei.</translation>
    </message>
    <message>
      <location filename="app/library/checksums.py" />
      <source>{path} is damaged: its SHA-256 checksum does not match; copy it again.</source>
      <translation>{path} ist beschädigt: Die SHA-256-Prüfsumme stimmt nicht; kopieren Sie die Datei noch einmal.</translation>
    </message>
    <message>
      <location filename="app/library/checksums.py" />
      <source>Checking the model's files</source>
      <translation>Die Dateien des Modells werden geprüft</translation>
    </message>
    <message>
      <location filename="app/library/checksums.py" />
      <source>Checking the model's files was stopped.</source>
      <translation>Das Prüfen der Modelldateien wurde angehalten.</translation>
    </message>
    <message>
      <location filename="app/library/fitting.py" />
      <source>It is larger than memory ({needed}, and this machine has {total}), so parts of it are read from the disk while it answers: about {words} words a second.</source>
      <translation>Es ist größer als der Speicher ({needed}, und dieser Rechner hat {total}), daher werden Teile davon beim Antworten von der Festplatte gelesen: etwa {words} Wörter pro Sekunde.</translation>
    </message>
    <message>
      <location filename="app/library/fitting.py" />
      <source>It needs {needed} of memory, and this machine has {total}; choose a smaller model.</source>
      <translation>Es braucht {needed} Speicher, und dieser Rechner hat {total}; wählen Sie ein kleineres Modell.</translation>
    </message>
    <message>
      <location filename="app/library/fitting.py" />
      <source>It fits in memory: {needed} of {total}.</source>
      <translation>Es passt in den Speicher: {needed} von {total}.</translation>
    </message>
    <message>
      <location filename="app/library/fitting.py" />
      <source>It is larger than memory ({needed}, and this machine has {total}), so parts of it are read from the disk while it answers, which is slow.</source>
      <translation>Es ist größer als der Speicher ({needed}, und dieser Rechner hat {total}), daher werden Teile davon beim Antworten von der Festplatte gelesen, was langsam ist.</translation>
    </message>
    <message>
      <location filename="app/library/fitting.py" />
      <source>It is larger than memory ({needed}, and this machine has {total}), so parts of it are read from the disk while it answers: about {seconds} seconds for each word.</source>
      <translation>Es ist größer als der Speicher ({needed}, und dieser Rechner hat {total}), daher werden Teile davon beim Antworten von der Festplatte gelesen: etwa {seconds} Sekunden für jedes Wort.</translation>
    </message>
    <message>
      <location filename="app/library/fitting.py" />
      <source>It needs {needed} of memory and the system {reserve}, and this machine has {total}; a machine with {machine} GB can run it.</source>
      <translation>Es braucht {needed} Speicher und das System {reserve}, und dieser Rechner hat {total}; ein Rechner mit {machine} GB genügt.</translation>
    </message>
    <message>
      <location filename="app/library/fitting.py" />
      <source>It needs {needed} of disk space, and {free} is free.</source>
      <translation>Es braucht {needed} auf dem Datenträger, und {free} sind frei.</translation>
    </message>
    <message>
      <location filename="app/library/fitting.py" />
      <source>It fits on the GPU: {needed} of {total}.</source>
      <translation>Es passt auf die Grafikkarte: {needed} von {total}.</translation>
    </message>
    <message>
      <location filename="app/library/fitting.py" />
      <source>It fits in memory ({needed}), but only {free} is free now; close other programs.</source>
      <translation>Es passt in den Speicher ({needed}), aber nur {free} sind gerade frei; schließen Sie andere Programme.</translation>
    </message>
    <message>
      <location filename="app/library/fitting.py" />
      <source>It does not fit on the GPU, but it fits in memory: {needed} of {total}.</source>
      <translation>Es passt nicht auf die Grafikkarte, aber in den Speicher: {needed} von {total}.</translation>
    </message>
    <message>
      <location filename="app/library/fitting.py" />
      <source>It does not fit on one graphics card.</source>
      <translation>Es passt nicht auf eine Grafikkarte.</translation>
    </message>
    <message>
      <location filename="app/library/importing.py" />
      <source>The model could not be copied ({why}); check the USB drive and import again to continue.</source>
      <translation>Das Modell konnte nicht kopiert werden ({why}); prüfen Sie den USB-Stick und importieren Sie es noch einmal, um fortzufahren.</translation>
    </message>
    <message>
      <location filename="app/library/importing.py" />
      <source>The disk that holds {folder} is full; free some space and import again to continue.</source>
      <translation>Der Datenträger mit {folder} ist voll; schaffen Sie Platz und importieren Sie noch einmal, um fortzufahren.</translation>
    </message>
    <message>
      <location filename="app/library/importing.py" />
      <source>{folder} cannot be written to ({why}); choose another folder.</source>
      <translation>In {folder} kann nicht geschrieben werden ({why}); wählen Sie einen anderen Ordner.</translation>
    </message>
    <message>
      <location filename="app/library/importing.py" />
      <source>{folder} is not in Lectern's own models folder; delete it there yourself.</source>
      <translation>{folder} liegt nicht in Lecterns eigenem Modellordner; löschen Sie es dort selbst.</translation>
    </message>
    <message>
      <location filename="app/library/importing.py" />
      <source>The model takes {size} GB and its quantised form {quantised} GB more, and {folder} has {free} GB free; free some space, or open the model where it is, which takes space for the quantised form only.</source>
      <translation>Das Modell braucht {size} GB und seine quantisierte Form weitere {quantised} GB, und {free} GB sind in {folder} frei; schaffen Sie Platz, oder öffnen Sie es dort, wo es liegt: Das braucht nur die quantisierte Form.</translation>
    </message>
    <message>
      <location filename="app/library/importing.py" />
      <source>The model takes {size} GB, and {folder} has {free} GB free; free some space.</source>
      <translation>Das Modell braucht {size} GB, und {free} GB sind in {folder} frei; machen Sie Platz.</translation>
    </message>
    <message>
      <location filename="app/library/importing.py" />
      <source>{folder} could not be deleted ({why}).</source>
      <translation>{folder} konnte nicht gelöscht werden ({why}).</translation>
    </message>
    <message>
      <location filename="app/library/importing.py" />
      <source>Copying the model</source>
      <translation>Das Modell wird kopiert</translation>
    </message>
    <message>
      <location filename="app/library/importing.py" />
      <source>Copying the model was stopped; import it again to continue from here.</source>
      <translation>Das Kopieren des Modells wurde angehalten; importieren Sie es noch einmal, um von hier aus fortzufahren.</translation>
    </message>
    <message>
      <location filename="app/library/models.py" />
      <source>Random weights: answers are meaningless; for testing only.</source>
      <translation>Zufällige Gewichte: Die Antworten sind ohne Bedeutung; nur zum Testen.</translation>
    </message>
    <message>
      <location filename="app/library/models.py" />
      <source>It was trained from scratch on invented office documents. It reads labelled values in text, sometimes in pictures; tables and scene lists often go wrong. For real work, use Gemma 4.</source>
      <translation>Es wurde von Grund auf mit erfundenen Bürodokumenten trainiert. Es liest beschriftete Werte in Texten, manchmal auch in Bildern; bei Tabellen und Szenenlisten liegt es oft falsch. Verwenden Sie für echte Arbeit Gemma 4.</translation>
    </message>
    <message>
      <location filename="app/library/models.py" />
      <source>It was trained from scratch on synthetic voices. It writes down spoken numbers, months and names of 24 things, with their times; it knows no other words. For real work, use Gemma 4.</source>
      <translation>Es wurde von Grund auf mit künstlichen Stimmen trainiert. Es schreibt gesprochene englische Zahlen, Monate und die Namen von 24 Dingen mit ihren Zeiten auf; andere Wörter kennt es nicht. Verwenden Sie für echte Arbeit Gemma 4.</translation>
    </message>
    <message>
      <location filename="app/library/models.py" />
      <source>{folder} holds no tokenizer.json; copy all files of the published model into the folder.</source>
      <translation>{folder} enthält kein tokenizer.json; kopieren Sie alle Dateien des veröffentlichten Modells in den Ordner.</translation>
    </message>
    <message>
      <location filename="app/library/models.py" />
      <source>The model {name} is on a server, and has no folder here.</source>
      <translation>Das Modell {name} ist auf einem Server und hat hier keinen Ordner.</translation>
    </message>
    <message>
      <location filename="app/library/models.py" />
      <source>{path} cannot be read ({why}); check the disk and its permissions.</source>
      <translation>{path} kann nicht gelesen werden ({why}); prüfen Sie die Festplatte und ihre Rechte.</translation>
    </message>
    <message>
      <location filename="app/library/store/restoring.py" />
      <source>The file with your conversations was damaged, so Lectern restored the copy from {when} and added everything that could still be read; the damaged file is kept as {name}.</source>
      <translation>Die Datei mit Ihren Unterhaltungen war beschädigt, daher hat Lectern die Kopie vom {when} wiederhergestellt und hinzugefügt, was noch lesbar war; die beschädigte Datei bleibt als {name} erhalten.</translation>
    </message>
    <message>
      <location filename="app/library/store/restoring.py" />
      <source>The file with your conversations was empty or missing; Lectern restored the copy from {when}.</source>
      <translation>Die Datei mit Ihren Unterhaltungen war leer oder fehlte; Lectern hat die Kopie vom {when} wiederhergestellt.</translation>
    </message>
    <message>
      <location filename="app/library/store/restoring.py" />
      <source>The file with your conversations was empty or missing, as were its copies; Lectern created a new one.</source>
      <translation>Die Datei mit Ihren Unterhaltungen war leer oder fehlte, ebenso ihre Kopien; Lectern hat eine neue angelegt.</translation>
    </message>
    <message>
      <location filename="app/library/store/restoring.py" />
      <source>The file with your conversations was damaged and had no copy, so Lectern created a new one with everything that could still be read; the damaged file is kept as {name}.</source>
      <translation>Die Datei mit Ihren Unterhaltungen war beschädigt, und es gab keine Kopie, daher hat Lectern eine neue begonnen, mit dem, was noch lesbar war; die beschädigte Datei bleibt als {name} erhalten.</translation>
    </message>
    <message>
      <location filename="app/library/store/schema.py" />
      <source>The conversations on this machine were written by a newer version of Lectern. This version does not change them, and keeps new conversations in memory only.</source>
      <translation>Die Unterhaltungen auf diesem Rechner stammen von einer neueren Version von Lectern. Diese Version ändert sie nicht und hält neue Unterhaltungen nur im Speicher.</translation>
    </message>
    <message>
      <location filename="app/library/store/trouble.py" />
      <source>The disk reported an error, so your conversations cannot be saved now. They are kept in memory, and Lectern will try again.</source>
      <translation>Die Festplatte meldet einen Fehler, daher können Ihre Unterhaltungen gerade nicht gesichert werden. Sie bleiben im Speicher, und Lectern versucht es weiter.</translation>
    </message>
    <message>
      <location filename="app/library/store/trouble.py" />
      <source>Your conversations are being saved again.</source>
      <translation>Ihre Unterhaltungen werden wieder gesichert.</translation>
    </message>
    <message>
      <location filename="app/library/store/trouble.py" />
      <source>The disk is full, so your conversations cannot be saved. They are kept in memory and will be saved when there is space.</source>
      <translation>Die Festplatte ist voll, daher können Ihre Unterhaltungen nicht gesichert werden. Sie bleiben im Speicher und werden gesichert, sobald Platz ist.</translation>
    </message>
    <message>
      <location filename="app/library/store/trouble.py" />
      <source>The folder {folder} cannot be written to, so your conversations cannot be saved. They are kept in memory and will be saved when it can.</source>
      <translation>In den Ordner {folder} kann nicht geschrieben werden, daher werden Ihre Unterhaltungen nicht gesichert. Sie bleiben im Speicher und werden gesichert, sobald es geht.</translation>
    </message>
    <message>
      <location filename="app/library/store/trouble.py" />
      <source>Another program is using the file with your conversations. They are kept in memory and will be saved when the file is free.</source>
      <translation>Ein anderes Programm verwendet die Datei mit Ihren Unterhaltungen. Sie bleiben im Speicher und werden gesichert, sobald die Datei frei ist.</translation>
    </message>
    <message>
      <location filename="app/server/allowed.py" />
      <source>The administrator of this machine does not allow the API; ask them to allow “serve” in the policy.</source>
      <translation>Der Administrator dieses Rechners erlaubt die Schnittstelle nicht; bitten Sie ihn, „serve“ in der Richtlinie zu erlauben.</translation>
    </message>
    <message>
      <location filename="app/server/lectern/transcripts.py" />
      <source>The open model does not hear. Gemma 4 E2B, E4B and 12B do: open one of them in Lectern, or with lectern serve --model DIR.</source>
      <translation>Das geöffnete Modell hört nicht. Gemma 4 E2B, E4B und 12B tun es: Öffnen Sie eines davon in Lectern oder mit lectern serve --model ORDNER.</translation>
    </message>
    <message>
      <location filename="app/server/serving.py" />
      <source>The API cannot use port {port} ({why}); choose another one.</source>
      <translation>Die Schnittstelle kann den Port {port} nicht benutzen ({why}); wählen Sie einen anderen.</translation>
    </message>
    <message>
      <location filename="app/server/token.py" />
      <source>The access token for the API cannot be written to {path} ({why}).</source>
      <translation>Der Zugangsschlüssel für die Schnittstelle kann nicht nach {path} geschrieben werden ({why}).</translation>
    </message>
    <message>
      <location filename="app/session/collecting.py" />
      <source>This folder has no files that Lectern can read.</source>
      <translation>In diesem Ordner ist keine Datei, die Lectern lesen könnte.</translation>
    </message>
    <message>
      <location filename="app/session/collecting.py" />
      <source>Its name does not tell what kind of file it is; add it separately.</source>
      <translation>Ihr Name verrät nicht, was für eine Datei es ist; fügen Sie sie einzeln hinzu.</translation>
    </message>
    <message>
      <location filename="app/session/collecting.py" />
      <source>The folder {folder} cannot be opened: check that it is still there, and its permissions.</source>
      <translation>Der Ordner {folder} lässt sich nicht öffnen: Prüfen Sie, ob es ihn noch gibt, und seine Zugriffsrechte.</translation>
    </message>
    <message>
      <location filename="app/session/collecting.py" />
      <source>Lectern reads documents, pictures, videos and recordings.</source>
      <translation>Lectern liest Dokumente, Bilder, Videos und Tonaufnahmen.</translation>
    </message>
    <message>
      <location filename="app/session/collecting.py" />
      <source>Not added: {names}. {reason}</source>
      <translation>Nicht hinzugefügt: {names}. {reason}</translation>
    </message>
    <message numerus="yes">
      <location filename="app/session/collecting.py" />
      <source>{n} hidden files and folders were left out.</source>
      <extracomment>One hidden file or folder was left out.</extracomment>
      <translation>
        <numerusform>Eine versteckte Datei oder ein versteckter Ordner wurde ausgelassen.</numerusform>
        <numerusform>{n} versteckte Dateien und Ordner wurden ausgelassen.</numerusform>
      </translation>
    </message>
    <message numerus="yes">
      <location filename="app/session/collecting.py" />
      <source>Only the first {n} files were added; add the others in smaller groups.</source>
      <extracomment>Only the first file was added; add the others in smaller groups.</extracomment>
      <translation>
        <numerusform>Nur die erste Datei wurde hinzugefügt; fügen Sie die anderen in kleineren Teilen hinzu.</numerusform>
        <numerusform>Nur die ersten {n} Dateien wurden hinzugefügt; fügen Sie die anderen in kleineren Teilen hinzu.</numerusform>
      </translation>
    </message>
    <message numerus="yes">
      <location filename="app/session/collecting.py" />
      <source>{n} folders are more than {most} levels deep and were left out; add them separately.</source>
      <extracomment>One folder is more than {most} levels deep and was left out; add it separately.</extracomment>
      <translation>
        <numerusform>Ein Ordner liegt mehr als {most} Ordner tief und wurde ausgelassen; fügen Sie ihn für sich hinzu.</numerusform>
        <numerusform>{n} Ordner liegen mehr als {most} Ordner tief und wurden ausgelassen; fügen Sie sie für sich hinzu.</numerusform>
      </translation>
    </message>
    <message numerus="yes">
      <location filename="app/session/collecting.py" />
      <source>{n} folders have no files that Lectern can read: {names}.</source>
      <extracomment>The folder {names} has no files that Lectern can read.</extracomment>
      <translation>
        <numerusform>Der Ordner {names} enthält keine Dateien, die Lectern lesen kann.</numerusform>
        <numerusform>{n} Ordner enthalten keine Dateien, die Lectern lesen kann: {names}.</numerusform>
      </translation>
    </message>
    <message numerus="yes">
      <location filename="app/session/collecting.py" />
      <source>{n} more files were not added.</source>
      <extracomment>One more file was not added.</extracomment>
      <translation>
        <numerusform>Eine weitere Datei wurde nicht hinzugefügt.</numerusform>
        <numerusform>{n} weitere Dateien wurden nicht hinzugefügt.</numerusform>
      </translation>
    </message>
    <message>
      <location filename="app/session/conversation.py" />
      <source>Enter queues it until the model has loaded.</source>
      <translation>Die Eingabetaste reiht sie ein, bis das Modell geladen ist.</translation>
    </message>
    <message>
      <location filename="app/session/conversation.py" />
      <source>Enter queues it until the files have been read.</source>
      <translation>Die Eingabetaste reiht sie ein, bis die Dateien gelesen sind.</translation>
    </message>
    <message>
      <location filename="app/session/conversation.py" />
      <source>Enter queues it until this answer is finished.</source>
      <translation>Die Eingabetaste reiht sie ein, bis diese Antwort fertig ist.</translation>
    </message>
    <message>
      <location filename="app/session/conversation.py" />
      <source>Enter queues it until the other conversation’s answer is finished.</source>
      <translation>Die Eingabetaste reiht sie ein, bis die Antwort der anderen Unterhaltung fertig ist.</translation>
    </message>
    <message>
      <location filename="app/session/conversation.py" />
      <source>No model is loaded. Choose a model folder, or try the sample model.</source>
      <translation>Kein Modell ist geladen. Wählen Sie einen Modellordner, oder probieren Sie das Beispielmodell.</translation>
    </message>
    <message>
      <location filename="app/session/conversation.py" />
      <source>One question is already queued. Cancel it to ask another.</source>
      <translation>Eine Frage ist bereits eingereiht. Nehmen Sie sie zurück, um eine andere zu stellen.</translation>
    </message>
    <message>
      <location filename="app/session/costs.py" />
      <source>{hours} h {minutes} min</source>
      <translation>{hours} h {minutes} min</translation>
    </message>
    <message>
      <location filename="app/session/costs.py" />
      <source>{name} (sample)</source>
      <translation>{name} (Beispiel)</translation>
    </message>
    <message numerus="yes">
      <location filename="app/session/costs.py" />
      <source>{n} pages are sent as text read from their pictures</source>
      <extracomment>{n} page is sent as text read from its picture</extracomment>
      <translation>
        <numerusform>{n} Seite geht als Text, der aus ihrem Bild gelesen wurde, an das Modell</numerusform>
        <numerusform>{n} Seiten gehen als Text, der aus ihren Bildern gelesen wurde, an das Modell</numerusform>
      </translation>
    </message>
    <message>
      <location filename="app/session/costs.py" />
      <source>{chosen}: {now}; as sharp pictures: {sharp}.</source>
      <translation>{chosen}: {now}; als scharfe Bilder: {sharp}.</translation>
    </message>
    <message numerus="yes">
      <location filename="app/session/costs.py" />
      <source>{n} tokens</source>
      <extracomment>{n} token</extracomment>
      <translation>
        <numerusform>{n} Token</numerusform>
        <numerusform>{n} Token</numerusform>
      </translation>
    </message>
    <message>
      <location filename="app/session/costs.py" />
      <source>{words}, about {time}</source>
      <translation>{words}, etwa {time}</translation>
    </message>
    <message>
      <location filename="app/session/costs.py" />
      <source>{n} new tokens</source>
      <translation>{n} neue Token</translation>
    </message>
    <message>
      <location filename="app/session/costs.py" />
      <source>{size} of memory</source>
      <translation>{size} Speicher</translation>
    </message>
    <message>
      <location filename="app/session/costs.py" />
      <source>time not measured yet</source>
      <translation>Zeit noch nicht gemessen</translation>
    </message>
    <message>
      <location filename="app/session/costs.py" />
      <source>less than a second</source>
      <translation>weniger als eine Sekunde</translation>
    </message>
    <message>
      <location filename="app/session/costs.py" />
      <source>{n} s</source>
      <translation>{n} s</translation>
    </message>
    <message>
      <location filename="app/session/costs.py" />
      <source>{n} min</source>
      <translation>{n} min</translation>
    </message>
    <message>
      <location filename="app/session/costs.py" />
      <source>{chosen}, with small pictures</source>
      <translation>{chosen}, mit kleinen Bildern</translation>
    </message>
    <message>
      <location filename="app/session/costs.py" />
      <source>{needed} tokens; the model's limit is {taken}</source>
      <translation>{needed} Token; das Modell fasst {taken}</translation>
    </message>
    <message>
      <location filename="app/session/costs.py" />
      <source>{memory}; {free} is free</source>
      <translation>{memory}; {free} sind frei</translation>
    </message>
    <message>
      <location filename="app/session/costs.py" />
      <source>about {time} on this machine</source>
      <translation>etwa {time} auf diesem Rechner</translation>
    </message>
    <message>
      <location filename="app/session/costs.py" />
      <source>Reading this will take a while</source>
      <translation>Das Lesen wird eine Weile dauern</translation>
    </message>
    <message>
      <location filename="app/session/costs.py" />
      <source>This may need more memory than is free</source>
      <translation>Das braucht vielleicht mehr Speicher, als frei ist</translation>
    </message>
    <message>
      <location filename="app/session/costs.py" />
      <source>This is too long for the model</source>
      <translation>Das ist zu lang für das Modell</translation>
    </message>
    <message>
      <location filename="app/session/export/markdown.py" />
      <source>Conversation</source>
      <translation>Unterhaltung</translation>
    </message>
    <message>
      <location filename="app/session/export/markdown.py" />
      <source>Instructions</source>
      <translation>Anweisungen</translation>
    </message>
    <message>
      <location filename="app/session/export/markdown.py" />
      <source>Answer</source>
      <translation>Antwort</translation>
    </message>
    <message>
      <location filename="app/session/export/markdown.py" />
      <source>Question {number}</source>
      <translation>Frage {number}</translation>
    </message>
    <message>
      <location filename="app/session/folders.py" />
      <source>You removed it from this conversation; “Read again” brings it back.</source>
      <translation>Sie haben sie aus dieser Unterhaltung entfernt; „Noch einmal lesen“ holt sie zurück.</translation>
    </message>
    <message>
      <location filename="app/session/folders.py" />
      <source>It has the same content as {name}, so it is read once.</source>
      <translation>Sie hat denselben Inhalt wie {name} und wird deshalb nur einmal gelesen.</translation>
    </message>
    <message numerus="yes">
      <location filename="app/session/folders.py" />
      <source>{n} more files are beyond the limit of {most} files and are not read; add subfolders separately.</source>
      <extracomment>One more file is beyond the limit of {most} files and is not read; add its subfolder separately.</extracomment>
      <translation>
        <numerusform>Eine weitere Datei liegt jenseits der Grenze von {most} Dateien und wird nicht gelesen; fügen Sie ihren Unterordner einzeln hinzu.</numerusform>
        <numerusform>{n} weitere Dateien liegen jenseits der Grenze von {most} Dateien und werden nicht gelesen; fügen Sie Unterordner einzeln hinzu.</numerusform>
      </translation>
    </message>
    <message>
      <location filename="app/session/folders.py" />
      <source>It holds too many files: only the first {most} files and folders were looked at; add subfolders separately.</source>
      <translation>Er enthält zu viele Dateien: Nur die ersten {most} Dateien und Ordner wurden angesehen; fügen Sie Unterordner einzeln hinzu.</translation>
    </message>
    <message>
      <location filename="app/session/items.py" />
      <source>{name} is no longer where it was ({folder}). You can still read the conversation; to ask more about the file, put it back and choose “Read again”, or add it from its new location.</source>
      <translation>{name} ist nicht mehr an seinem Ort ({folder}). Die Unterhaltung bleibt lesbar; um weiter nach der Datei zu fragen, legen Sie sie zurück und wählen „Noch einmal lesen“, oder fügen Sie sie von ihrem neuen Ort hinzu.</translation>
    </message>
    <message>
      <location filename="app/session/reading.py" />
      <source>It is attached to a file that is attached to another, and so on; the files in it are not read.</source>
      <translation>Sie hängt an einer Datei, die selbst angehängt ist, und so weiter; die Dateien darin werden nicht gelesen.</translation>
    </message>
    <message>
      <location filename="app/session/reading.py" />
      <source>Only the first {files} attached files, and {size} MB of them, are read.</source>
      <translation>Nur die ersten {files} Anhänge und davon höchstens {size} MB werden gelesen.</translation>
    </message>
    <message>
      <location filename="app/session/relevant.py" />
      <source>Answer from the {pages} most relevant of {total} pages now, and read the rest in the background</source>
      <translation>Jetzt aus den {pages} passendsten von {total} Seiten antworten und den Rest im Hintergrund lesen</translation>
    </message>
    <message>
      <location filename="app/session/session.py" />
      <source>The answer was stopped.</source>
      <translation>Die Antwort wurde angehalten.</translation>
    </message>
    <message>
      <location filename="app/session/walking.py" />
      <source>Hidden files and folders are left out; add it separately.</source>
      <translation>Versteckte Dateien und Ordner werden ausgelassen; fügen Sie es einzeln hinzu.</translation>
    </message>
    <message>
      <location filename="app/session/walking.py" />
      <source>It is a link, which is not followed; add what it points to separately.</source>
      <translation>Es ist eine Verknüpfung, der nicht gefolgt wird; fügen Sie ihr Ziel einzeln hinzu.</translation>
    </message>
    <message>
      <location filename="app/session/walking.py" />
      <source>You do not have permission to open this folder; check its permissions.</source>
      <translation>Sie dürfen diesen Ordner nicht öffnen; prüfen Sie seine Zugriffsrechte.</translation>
    </message>
    <message>
      <location filename="app/session/walking.py" />
      <source>This folder cannot be listed; check the disk or the network drive.</source>
      <translation>Dieser Ordner lässt sich nicht auflisten; prüfen Sie das Laufwerk oder das Netzlaufwerk.</translation>
    </message>
    <message>
      <location filename="app/session/walking.py" />
      <source>It is more than {most} levels below the folder that was added; add it separately.</source>
      <translation>Er liegt mehr als {most} Ebenen unter dem hinzugefügten Ordner; fügen Sie ihn einzeln hinzu.</translation>
    </message>
    <message>
      <location filename="app/session/walking.py" />
      <source>Looking through the folder was stopped.</source>
      <translation>Das Durchsehen des Ordners wurde angehalten.</translation>
    </message>
    <message>
      <location filename="app/ui/api/chart.py" />
      <source>nothing yet</source>
      <translation>noch nichts</translation>
    </message>
    <message>
      <location filename="app/ui/api/chart.py" />
      <source>newest {newest}, lowest {low}, highest {high}</source>
      <translation>zuletzt {newest}, mindestens {low}, höchstens {high}</translation>
    </message>
    <message>
      <location filename="app/ui/api/chart.py" />
      <source>━ {name}: {values}</source>
      <translation>━ {name}: {values}</translation>
    </message>
    <message>
      <location filename="app/ui/api/chart.py" />
      <source>╍ {name}: {values}</source>
      <translation>╍ {name}: {values}</translation>
    </message>
    <message>
      <location filename="app/ui/api/chart.py" />
      <source>Nothing yet</source>
      <translation>Noch nichts</translation>
    </message>
    <message>
      <location filename="app/ui/api/dialog.py" />
      <source>Other programs on this machine can send questions and files to the open model, through an API that works with OpenAI's clients. It listens on 127.0.0.1 only, every request needs the access token, and it is off when Lectern starts.</source>
      <translation>Andere Programme auf diesem Rechner können dem geöffneten Modell Fragen und Dateien schicken, über eine Schnittstelle, mit der die Clients von OpenAI umgehen können. Sie ist nur unter 127.0.0.1 zu erreichen, jede Anfrage braucht den Zugangsschlüssel, und beim Start von Lectern ist sie ausgeschaltet.</translation>
    </message>
    <message>
      <location filename="app/ui/api/dialog.py" />
      <source>API</source>
      <translation>Schnittstelle (API)</translation>
    </message>
    <message>
      <location filename="app/ui/api/dialog.py" />
      <source>Answer other programs on this machine</source>
      <translation>Anderen Programmen auf diesem Rechner antworten</translation>
    </message>
    <message>
      <location filename="app/ui/api/dialog.py" />
      <source>Copy the address</source>
      <translation>Adresse kopieren</translation>
    </message>
    <message>
      <location filename="app/ui/api/dialog.py" />
      <source>Copy the access token</source>
      <translation>Zugangsschlüssel kopieren</translation>
    </message>
    <message>
      <location filename="app/ui/api/dialog.py" />
      <source>New access token</source>
      <translation>Neuer Zugangsschlüssel</translation>
    </message>
    <message>
      <location filename="app/ui/api/dialog.py" />
      <source>Figures…</source>
      <translation>Zahlen…</translation>
    </message>
    <message>
      <location filename="app/ui/api/dialog.py" />
      <source>Questions from other programs in the queue: {n}</source>
      <translation>Fragen anderer Programme in der Warteschlange: {n}</translation>
    </message>
    <message>
      <location filename="app/ui/api/dialog.py" />
      <source>API for other programs</source>
      <translation>Schnittstelle für andere Programme</translation>
    </message>
    <message>
      <location filename="app/ui/api/dialog.py" />
      <source>Address</source>
      <translation>Adresse</translation>
    </message>
    <message>
      <location filename="app/ui/api/dialog.py" />
      <source>Access token</source>
      <translation>Zugangsschlüssel</translation>
    </message>
    <message>
      <location filename="app/ui/api/figures.py" />
      <source>Answers: {n}</source>
      <translation>Antworten: {n}</translation>
    </message>
    <message>
      <location filename="app/ui/api/figures.py" />
      <source>Tokens read anew: {read}, reused from the cache: {reused} ({share})</source>
      <translation>Neu gelesene Token: {read}, aus dem Zwischenspeicher übernommen: {reused} ({share})</translation>
    </message>
    <message>
      <location filename="app/ui/api/figures.py" />
      <source>Tokens written: {written}; drafts accepted: {share}</source>
      <translation>Geschriebene Token: {written}; angenommene Vorschläge: {share}</translation>
    </message>
    <message>
      <location filename="app/ui/api/figures.py" />
      <source>Tokens per second: {reading} reading, {writing} writing</source>
      <translation>Token je Sekunde: {reading} beim Lesen, {writing} beim Schreiben</translation>
    </message>
    <message>
      <location filename="app/ui/api/figures.py" />
      <source>Seconds to the first word, on average: {seconds}</source>
      <translation>Sekunden bis zum ersten Wort, im Durchschnitt: {seconds}</translation>
    </message>
    <message>
      <location filename="app/ui/api/figures.py" />
      <source>Quotations found: {found}, not found: {lost}</source>
      <translation>Gefundene Zitate: {found}, nicht gefundene: {lost}</translation>
    </message>
    <message>
      <location filename="app/ui/api/figures.py" />
      <source>Cached in memory: {size}</source>
      <translation>Im Speicher zwischengespeichert: {size}</translation>
    </message>
    <message>
      <location filename="app/ui/api/figures.py" />
      <source>Figures</source>
      <translation>Zahlen</translation>
    </message>
    <message>
      <location filename="app/ui/api/figures.py" />
      <source>Tokens per second, writing</source>
      <translation>Token je Sekunde beim Schreiben</translation>
    </message>
    <message>
      <location filename="app/ui/api/figures.py" />
      <source>Seconds to the first word</source>
      <translation>Sekunden bis zum ersten Wort</translation>
    </message>
    <message>
      <location filename="app/ui/api/figures.py" />
      <source>Cached documents</source>
      <translation>Zwischengespeicherte Dokumente</translation>
    </message>
    <message>
      <location filename="app/ui/api/figures.py" />
      <source>Memory of Lectern</source>
      <translation>Speicher von Lectern</translation>
    </message>
    <message>
      <location filename="app/ui/api/figures.py" />
      <source>Figures since Lectern started</source>
      <translation>Zahlen seit dem Start von Lectern</translation>
    </message>
    <message>
      <location filename="app/ui/api/figures.py" />
      <source>in memory</source>
      <translation>im Speicher</translation>
    </message>
    <message>
      <location filename="app/ui/api/figures.py" />
      <source>on disk</source>
      <translation>auf der Festplatte</translation>
    </message>
    <message>
      <location filename="app/ui/api/mark.py" />
      <source>The API is on: other programs on this machine can ask questions at {address}</source>
      <translation>Die Schnittstelle ist eingeschaltet: Andere Programme auf diesem Rechner können unter {address} Fragen stellen</translation>
    </message>
    <message>
      <location filename="app/ui/api/mark.py" />
      <source>Details…</source>
      <translation>Einzelheiten…</translation>
    </message>
    <message>
      <location filename="app/ui/api/mark.py" />
      <source>Turn off</source>
      <translation>Ausschalten</translation>
    </message>
    <message>
      <location filename="app/ui/asking/controller.py" />
      <source>All pages have been read now: “Answer again with all pages” takes only a moment.</source>
      <translation>Jetzt sind alle Seiten gelesen: „Noch einmal mit allen Seiten antworten“ dauert nur einen Augenblick.</translation>
    </message>
    <message>
      <location filename="app/ui/asking/queue.py" />
      <source>“{question}” was not asked. It is kept as a draft in its conversation.</source>
      <translation>„{question}“ wurde nicht gestellt. Die Frage steht als Entwurf in ihrer Unterhaltung.</translation>
    </message>
    <message>
      <location filename="app/ui/asking/queue.py" />
      <source>The model was changed before the answer was finished.</source>
      <translation>Das Modell wurde gewechselt, bevor die Antwort fertig war.</translation>
    </message>
    <message>
      <location filename="app/ui/compare/list.py" />
      <source>removed: {words};</source>
      <translation>entfernt: {words};</translation>
    </message>
    <message>
      <location filename="app/ui/compare/list.py" />
      <source>added: {words};</source>
      <translation>hinzugefügt: {words};</translation>
    </message>
    <message>
      <location filename="app/ui/compare/list.py" />
      <source>Differences</source>
      <translation>Unterschiede</translation>
    </message>
    <message>
      <location filename="app/ui/compare/panel.py" />
      <source>Compare two documents</source>
      <translation>Zwei Dokumente vergleichen</translation>
    </message>
    <message>
      <location filename="app/ui/compare/panel.py" />
      <source>Swap the two documents</source>
      <translation>Die beiden Dokumente vertauschen</translation>
    </message>
    <message>
      <location filename="app/ui/compare/panel.py" />
      <source>Compare</source>
      <translation>Vergleichen</translation>
    </message>
    <message>
      <location filename="app/ui/compare/panel.py" />
      <source>Stop</source>
      <translation>Anhalten</translation>
    </message>
    <message>
      <location filename="app/ui/compare/panel.py" />
      <source>Progress of the comparison</source>
      <translation>Fortschritt des Vergleichs</translation>
    </message>
    <message>
      <location filename="app/ui/compare/panel.py" />
      <source>Explain the changes</source>
      <translation>Änderungen erklären</translation>
    </message>
    <message>
      <location filename="app/ui/compare/panel.py" />
      <source>The model explains what each change means, one after another.</source>
      <translation>Das Modell erklärt nacheinander, was jede Änderung bedeutet.</translation>
    </message>
    <message>
      <location filename="app/ui/compare/panel.py" />
      <source>Comparing…</source>
      <translation>Wird verglichen…</translation>
    </message>
    <message numerus="yes">
      <location filename="app/ui/compare/panel.py" />
      <source>{n} differences</source>
      <extracomment>{n} difference</extracomment>
      <translation>
        <numerusform>{n} Unterschied</numerusform>
        <numerusform>{n} Unterschiede</numerusform>
      </translation>
    </message>
    <message>
      <location filename="app/ui/compare/panel.py" />
      <source>The documents could not be compared: {reason}</source>
      <translation>Die Dokumente konnten nicht verglichen werden: {reason}</translation>
    </message>
    <message>
      <location filename="app/ui/compare/panel.py" />
      <source>Explaining change {done} of {total}</source>
      <translation>Änderung {done} von {total} wird erklärt</translation>
    </message>
    <message>
      <location filename="app/ui/compare/panel.py" />
      <source>The earlier document</source>
      <translation>Das frühere Dokument</translation>
    </message>
    <message>
      <location filename="app/ui/compare/panel.py" />
      <source>The later document</source>
      <translation>Das spätere Dokument</translation>
    </message>
    <message>
      <location filename="app/ui/compare/panel.py" />
      <source>Stopped.</source>
      <translation>Angehalten.</translation>
    </message>
    <message numerus="yes">
      <location filename="app/ui/compare/panel.py" />
      <source>{n} with other numbers</source>
      <extracomment>{n} with another number</extracomment>
      <translation>
        <numerusform>{n} mit einer anderen Zahl</numerusform>
        <numerusform>{n} mit anderen Zahlen</numerusform>
      </translation>
    </message>
    <message numerus="yes">
      <location filename="app/ui/compare/panel.py" />
      <source>{n} moved paragraphs</source>
      <extracomment>{n} moved paragraph</extracomment>
      <translation>
        <numerusform>{n} verschobener Absatz</numerusform>
        <numerusform>{n} verschobene Absätze</numerusform>
      </translation>
    </message>
    <message numerus="yes">
      <location filename="app/ui/compare/panel.py" />
      <source>No text was read on {n} pages, so differences on them are not shown.</source>
      <extracomment>No text was read on {n} page, so differences on it are not shown.</extracomment>
      <translation>
        <numerusform>Auf {n} Seite wurde kein Text gelesen; Unterschiede darauf werden nicht gezeigt.</numerusform>
        <numerusform>Auf {n} Seiten wurde kein Text gelesen; Unterschiede darauf werden nicht gezeigt.</numerusform>
      </translation>
    </message>
    <message>
      <location filename="app/ui/compare/panel.py" />
      <source>This file is no longer attached.</source>
      <translation>Diese Datei ist nicht mehr angehängt.</translation>
    </message>
    <message numerus="yes">
      <location filename="app/ui/compare/panel.py" />
      <source>{n} changes were not explained.</source>
      <extracomment>{n} change was not explained.</extracomment>
      <translation>
        <numerusform>{n} Änderung wurde nicht erklärt.</numerusform>
        <numerusform>{n} Änderungen wurden nicht erklärt.</numerusform>
      </translation>
    </message>
    <message>
      <location filename="app/ui/compare/saving.py" />
      <source>Save as Word…</source>
      <translation>Als Word speichern…</translation>
    </message>
    <message>
      <location filename="app/ui/compare/saving.py" />
      <source>Save as Markdown…</source>
      <translation>Als Markdown speichern…</translation>
    </message>
    <message>
      <location filename="app/ui/compare/saving.py" />
      <source>Saved differences</source>
      <translation>Gespeicherte Unterschiede</translation>
    </message>
    <message>
      <location filename="app/ui/compare/saving.py" />
      <source>Show in folder</source>
      <translation>Im Ordner anzeigen</translation>
    </message>
    <message>
      <location filename="app/ui/compare/saving.py" />
      <source>Save the differences</source>
      <translation>Unterschiede speichern</translation>
    </message>
    <message>
      <location filename="app/ui/compare/saving.py" />
      <source>Saved as {path}</source>
      <translation>Gespeichert als {path}</translation>
    </message>
    <message>
      <location filename="app/ui/compare/saving.py" />
      <source>Markdown</source>
      <translation>Markdown</translation>
    </message>
    <message>
      <location filename="app/ui/conversation/answer.py" />
      <source>Select &amp;all of this answer</source>
      <translation>&amp;Diese ganze Antwort auswählen</translation>
    </message>
    <message>
      <location filename="app/ui/conversation/answer.py" />
      <source>Copy the whole answer as &amp;Markdown</source>
      <translation>Ganze Antwort als &amp;Markdown kopieren</translation>
    </message>
    <message>
      <location filename="app/ui/conversation/answer.py" />
      <source>&amp;Copy</source>
      <translation>&amp;Kopieren</translation>
    </message>
    <message>
      <location filename="app/ui/conversation/answer.py" />
      <source>&amp;Quote in the question</source>
      <translation>In der Frage &amp;zitieren</translation>
    </message>
    <message>
      <location filename="app/ui/conversation/chips.py" />
      <source>The answer says: {words}</source>
      <translation>Die Antwort sagt: {words}</translation>
    </message>
    <message>
      <location filename="app/ui/conversation/code_view.py" />
      <source>Code</source>
      <translation>Code</translation>
    </message>
    <message>
      <location filename="app/ui/conversation/code_view.py" />
      <source>Copy this code</source>
      <translation>Diesen Code kopieren</translation>
    </message>
    <message>
      <location filename="app/ui/conversation/code_view.py" />
      <source>code</source>
      <translation>Code</translation>
    </message>
    <message>
      <location filename="app/ui/conversation/code_view.py" />
      <source>Copy</source>
      <translation>Kopieren</translation>
    </message>
    <message>
      <location filename="app/ui/conversation/composer.py" />
      <source>Your question</source>
      <translation>Ihre Frage</translation>
    </message>
    <message>
      <location filename="app/ui/conversation/composer.py" />
      <source>Ask about your files…</source>
      <translation>Fragen Sie nach Ihren Dateien…</translation>
    </message>
    <message>
      <location filename="app/ui/conversation/composer.py" />
      <source>Add files (Ctrl+O)</source>
      <translation>Dateien hinzufügen (Strg+O)</translation>
    </message>
    <message>
      <location filename="app/ui/conversation/composer.py" />
      <source>Let the model think before it answers</source>
      <translation>Das Modell denken lassen, bevor es antwortet</translation>
    </message>
    <message>
      <location filename="app/ui/conversation/composer.py" />
      <source>Ask (Enter)</source>
      <translation>Fragen (Eingabe)</translation>
    </message>
    <message>
      <location filename="app/ui/conversation/composer.py" />
      <source>Stop (Esc)</source>
      <translation>Anhalten (Esc)</translation>
    </message>
    <message>
      <location filename="app/ui/conversation/composer.py" />
      <source>Editing a question. The original is kept.</source>
      <translation>Sie ändern eine Frage. Die ursprüngliche bleibt erhalten.</translation>
    </message>
    <message>
      <location filename="app/ui/conversation/composer.py" />
      <source>Cancel</source>
      <translation>Abbrechen</translation>
    </message>
    <message>
      <location filename="app/ui/conversation/composer.py" />
      <source>Leave the earlier question as it is</source>
      <translation>Die frühere Frage lassen, wie sie ist</translation>
    </message>
    <message>
      <location filename="app/ui/conversation/composer.py" />
      <source>Think</source>
      <translation>Denken</translation>
    </message>
    <message>
      <location filename="app/ui/conversation/evidence_list.py" />
      <source>Evidence: {words}</source>
      <translation>Belege: {words}</translation>
    </message>
    <message>
      <location filename="app/ui/conversation/evidence_list.py" />
      <source>The line as printed</source>
      <translation>Die gedruckte Zeile</translation>
    </message>
    <message>
      <location filename="app/ui/conversation/evidence_list.py" />
      <source>Show the evidence</source>
      <translation>Belege zeigen</translation>
    </message>
    <message>
      <location filename="app/ui/conversation/evidence_list.py" />
      <source>Hide the evidence</source>
      <translation>Belege verbergen</translation>
    </message>
    <message>
      <location filename="app/ui/conversation/evidence_list.py" />
      <source>What the model looked at</source>
      <translation>Was das Modell angesehen hat</translation>
    </message>
    <message numerus="yes">
      <location filename="app/ui/conversation/evidence_list.py" />
      <source>{n} found</source>
      <extracomment>{n} found</extracomment>
      <translation>
        <numerusform>{n} gefunden</numerusform>
        <numerusform>{n} gefunden</numerusform>
      </translation>
    </message>
    <message numerus="yes">
      <location filename="app/ui/conversation/evidence_list.py" />
      <source>{n} found in pictures' text</source>
      <extracomment>{n} found in a picture's text</extracomment>
      <translation>
        <numerusform>{n} im Text eines Bildes gefunden</numerusform>
        <numerusform>{n} im Text von Bildern gefunden</numerusform>
      </translation>
    </message>
    <message numerus="yes">
      <location filename="app/ui/conversation/evidence_list.py" />
      <source>{n} found elsewhere</source>
      <extracomment>{n} found elsewhere</extracomment>
      <translation>
        <numerusform>{n} anderswo gefunden</numerusform>
        <numerusform>{n} anderswo gefunden</numerusform>
      </translation>
    </message>
    <message numerus="yes">
      <location filename="app/ui/conversation/evidence_list.py" />
      <source>{n} to check yourself</source>
      <extracomment>{n} to check yourself</extracomment>
      <translation>
        <numerusform>{n} selbst zu prüfen</numerusform>
        <numerusform>{n} selbst zu prüfen</numerusform>
      </translation>
    </message>
    <message numerus="yes">
      <location filename="app/ui/conversation/evidence_list.py" />
      <source>{n} not found</source>
      <extracomment>{n} not found</extracomment>
      <translation>
        <numerusform>{n} nicht gefunden</numerusform>
        <numerusform>{n} nicht gefunden</numerusform>
      </translation>
    </message>
    <message>
      <location filename="app/ui/conversation/evidence_list.py" />
      <source>Evidence</source>
      <translation>Belege</translation>
    </message>
    <message numerus="yes">
      <location filename="app/ui/conversation/evidence_list.py" />
      <source>{n} more in the text</source>
      <extracomment>{n} more in the text</extracomment>
      <translation>
        <numerusform>{n} weitere im Text</numerusform>
        <numerusform>{n} weitere im Text</numerusform>
      </translation>
    </message>
    <message>
      <location filename="app/ui/conversation/instructions.py" />
      <source>What the model should keep in mind in this conversation: how to answer, what to look for, in which language. It applies from your next question.</source>
      <translation>Was das Modell in dieser Unterhaltung beachten soll: wie es antwortet, worauf es achtet, in welcher Sprache. Es gilt ab Ihrer nächsten Frage.</translation>
    </message>
    <message>
      <location filename="app/ui/conversation/instructions.py" />
      <source>Instructions for this conversation (Ctrl+I)</source>
      <translation>Anweisungen für diese Unterhaltung (Strg+I)</translation>
    </message>
    <message>
      <location filename="app/ui/conversation/instructions.py" />
      <source>Brief and exact</source>
      <translation>Kurz und genau</translation>
    </message>
    <message>
      <location filename="app/ui/conversation/instructions.py" />
      <source>Answer in one or two sentences. Give the exact words, numbers and dates from the files, nothing else.</source>
      <translation>Antworte in ein oder zwei Sätzen. Gib die genauen Worte, Zahlen und Daten aus den Dateien wieder, sonst nichts.</translation>
    </message>
    <message>
      <location filename="app/ui/conversation/instructions.py" />
      <source>For a newcomer</source>
      <translation>Für Neulinge</translation>
    </message>
    <message>
      <location filename="app/ui/conversation/instructions.py" />
      <source>I am new to this subject. Explain in plain words, say what each technical term means when it first comes up, and give a small example.</source>
      <translation>Das Thema ist neu für mich. Erkläre in einfachen Worten, sage bei jedem Fachwort beim ersten Mal, was es bedeutet, und gib ein kleines Beispiel.</translation>
    </message>
    <message>
      <location filename="app/ui/conversation/instructions.py" />
      <source>Compare versions</source>
      <translation>Fassungen vergleichen</translation>
    </message>
    <message>
      <location filename="app/ui/conversation/instructions.py" />
      <source>The files are versions of one document. For every question say what changed from the older to the newer one, what was added and what was removed, with the page in each version.</source>
      <translation>Die Dateien sind Fassungen eines Dokuments. Sage bei jeder Frage, was sich von der älteren zur neueren geändert hat, was dazukam und was wegfiel, mit der Seite in jeder Fassung.</translation>
    </message>
    <message>
      <location filename="app/ui/conversation/instructions.py" />
      <source>Extract as a table</source>
      <translation>Als Tabelle ausgeben</translation>
    </message>
    <message>
      <location filename="app/ui/conversation/instructions.py" />
      <source>Answer with a Markdown table: one row for each thing that was found, one column for each property, and a last column with the page or the time. Leave a cell empty where the files do not say.</source>
      <translation>Antworte mit einer Markdown-Tabelle: eine Zeile für alles, was gefunden wurde, eine Spalte für jede Eigenschaft, und eine letzte Spalte mit der Seite oder der Zeit. Lass eine Zelle leer, wo die Dateien nichts sagen.</translation>
    </message>
    <message>
      <location filename="app/ui/conversation/instructions.py" />
      <source>Translate into German</source>
      <translation>Ins Deutsche übersetzen</translation>
    </message>
    <message>
      <location filename="app/ui/conversation/instructions.py" />
      <source>Answer in German, whatever language the files are in. Keep quotations in their own language.</source>
      <translation>Antworte auf Deutsch, in welcher Sprache die Dateien auch sind. Lass Zitate in ihrer eigenen Sprache.</translation>
    </message>
    <message>
      <location filename="app/ui/conversation/instructions.py" />
      <source>Look for risks</source>
      <translation>Auf Risiken achten</translation>
    </message>
    <message>
      <location filename="app/ui/conversation/instructions.py" />
      <source>Read as a careful reviewer would. In every answer point out deadlines, duties, costs and anything unusual or contradictory, with its page.</source>
      <translation>Lies wie ein sorgfältiger Prüfer. Weise in jeder Antwort auf Fristen, Pflichten, Kosten und alles Ungewöhnliche oder Widersprüchliche hin, mit der Seite.</translation>
    </message>
    <message>
      <location filename="app/ui/conversation/instructions.py" />
      <source>Instructions for this conversation</source>
      <translation>Anweisungen für diese Unterhaltung</translation>
    </message>
    <message>
      <location filename="app/ui/conversation/instructions.py" />
      <source>For example: Answer briefly, and in German.</source>
      <translation>Zum Beispiel: Antworte kurz und auf Deutsch.</translation>
    </message>
    <message>
      <location filename="app/ui/conversation/instructions.py" />
      <source>Template: {name}</source>
      <translation>Vorlage: {name}</translation>
    </message>
    <message>
      <location filename="app/ui/conversation/instructions.py" />
      <source>Save</source>
      <translation>Speichern</translation>
    </message>
    <message>
      <location filename="app/ui/conversation/instructions.py" />
      <source>Clear</source>
      <translation>Leeren</translation>
    </message>
    <message>
      <location filename="app/ui/conversation/instructions.py" />
      <source>Templates</source>
      <translation>Vorlagen</translation>
    </message>
    <message>
      <location filename="app/ui/conversation/instructions.py" />
      <source>Instructions: {text}</source>
      <translation>Anweisungen: {text}</translation>
    </message>
    <message>
      <location filename="app/ui/conversation/markdown.py" />
      <source>[picture, not loaded: {words}]</source>
      <translation>[Bild, nicht geladen: {words}]</translation>
    </message>
    <message>
      <location filename="app/ui/conversation/markdown.py" />
      <source>no description</source>
      <translation>ohne Beschreibung</translation>
    </message>
    <message>
      <location filename="app/ui/conversation/message.py" />
      <source>Show the model's thinking</source>
      <translation>Zeigen, was das Modell gedacht hat</translation>
    </message>
    <message>
      <location filename="app/ui/conversation/message.py" />
      <source>The model's thinking</source>
      <translation>Was das Modell gedacht hat</translation>
    </message>
    <message>
      <location filename="app/ui/conversation/message.py" />
      <source>Hide the model's thinking</source>
      <translation>Verbergen, was das Modell gedacht hat</translation>
    </message>
    <message>
      <location filename="app/ui/conversation/message.py" />
      <source>Question: {question}</source>
      <translation>Frage: {question}</translation>
    </message>
    <message>
      <location filename="app/ui/conversation/message.py" />
      <source>Edit this question and ask again</source>
      <translation>Diese Frage ändern und neu stellen</translation>
    </message>
    <message>
      <location filename="app/ui/conversation/message.py" />
      <source>Progress before the answer</source>
      <translation>Fortschritt vor der Antwort</translation>
    </message>
    <message>
      <location filename="app/ui/conversation/message.py" />
      <source>Answer again with all pages</source>
      <translation>Noch einmal mit allen Seiten antworten</translation>
    </message>
    <message>
      <location filename="app/ui/conversation/message.py" />
      <source>Cancel this question</source>
      <translation>Diese Frage abbrechen</translation>
    </message>
    <message>
      <location filename="app/ui/conversation/message.py" />
      <source>Thinking</source>
      <translation>Gedanken</translation>
    </message>
    <message>
      <location filename="app/ui/conversation/message_tools.py" />
      <source>Quote the selected words in the question</source>
      <translation>Die ausgewählten Worte in der Frage zitieren</translation>
    </message>
    <message>
      <location filename="app/ui/conversation/message_tools.py" />
      <source>Previous answer</source>
      <translation>Vorige Antwort</translation>
    </message>
    <message>
      <location filename="app/ui/conversation/message_tools.py" />
      <source>Next answer</source>
      <translation>Nächste Antwort</translation>
    </message>
    <message>
      <location filename="app/ui/conversation/message_tools.py" />
      <source>Answer {at} of {count}</source>
      <translation>Antwort {at} von {count}</translation>
    </message>
    <message>
      <location filename="app/ui/conversation/message_tools.py" />
      <source>Copy the answer as Markdown</source>
      <translation>Die Antwort als Markdown kopieren</translation>
    </message>
    <message>
      <location filename="app/ui/conversation/message_tools.py" />
      <source>Ask this again</source>
      <translation>Das noch einmal fragen</translation>
    </message>
    <message>
      <location filename="app/ui/conversation/message_tools.py" />
      <source>More actions for this answer</source>
      <translation>Weitere Aktionen für diese Antwort</translation>
    </message>
    <message>
      <location filename="app/ui/conversation/message_tools.py" />
      <source>Select words to quote them in the question</source>
      <translation>Wählen Sie Worte aus, um sie in der Frage zu zitieren</translation>
    </message>
    <message>
      <location filename="app/ui/conversation/message_tools.py" />
      <source>Again</source>
      <translation>Noch einmal</translation>
    </message>
    <message>
      <location filename="app/ui/conversation/message_tools.py" />
      <source>Quote</source>
      <translation>Zitieren</translation>
    </message>
    <message>
      <location filename="app/ui/conversation/meter.py" />
      <source>Context of this conversation</source>
      <translation>Kontext dieser Unterhaltung</translation>
    </message>
    <message>
      <location filename="app/ui/conversation/pane.py" />
      <source>Show or hide conversations and files (Ctrl+B)</source>
      <translation>Unterhaltungen und Dateien zeigen oder verbergen (Strg+B)</translation>
    </message>
    <message>
      <location filename="app/ui/conversation/pane.py" />
      <source>New conversation (Ctrl+N)</source>
      <translation>Neue Unterhaltung (Strg+N)</translation>
    </message>
    <message>
      <location filename="app/ui/conversation/pane.py" />
      <source>Show or hide the viewer (Ctrl+Shift+B)</source>
      <translation>Betrachter zeigen oder verbergen (Strg+Umschalt+B)</translation>
    </message>
    <message>
      <location filename="app/ui/conversation/pane.py" />
      <source>The loaded model</source>
      <translation>Das geladene Modell</translation>
    </message>
    <message>
      <location filename="app/ui/conversation/pane.py" />
      <source>Model: {model}</source>
      <translation>Modell: {model}</translation>
    </message>
    <message numerus="yes">
      <location filename="app/ui/conversation/pane.py" />
      <source>{n} attached files could not be read and are not part of the question: {names}</source>
      <extracomment>One attached file could not be read and is not part of the question: {names}</extracomment>
      <translation>
        <numerusform>Eine angehängte Datei konnte nicht gelesen werden und gehört nicht zur Frage: {names}</numerusform>
        <numerusform>{n} angehängte Dateien konnten nicht gelesen werden und gehören nicht zur Frage: {names}</numerusform>
      </translation>
    </message>
    <message>
      <location filename="app/ui/conversation/pane.py" />
      <source>No model</source>
      <translation>Kein Modell</translation>
    </message>
    <message>
      <location filename="app/ui/conversation/preflight_panel.py" />
      <source>Before you continue</source>
      <translation>Bevor Sie fortfahren</translation>
    </message>
    <message>
      <location filename="app/ui/conversation/preflight_panel.py" />
      <source>Ways to make it fit:</source>
      <translation>So passt es:</translation>
    </message>
    <message>
      <location filename="app/ui/conversation/preflight_panel.py" />
      <source>Take out a file, or ask about fewer of them.</source>
      <translation>Nehmen Sie eine Datei heraus, oder fragen Sie nach weniger davon.</translation>
    </message>
    <message>
      <location filename="app/ui/conversation/preflight_panel.py" />
      <source>Read now</source>
      <translation>Jetzt lesen</translation>
    </message>
    <message>
      <location filename="app/ui/conversation/preflight_panel.py" />
      <source>Cancel and put the question back</source>
      <translation>Abbrechen und die Frage zurücknehmen</translation>
    </message>
    <message>
      <location filename="app/ui/conversation/preflight_panel.py" />
      <source>Or sooner:</source>
      <translation>Oder schneller:</translation>
    </message>
    <message>
      <location filename="app/ui/conversation/preflight_panel.py" />
      <source>Read anyway</source>
      <translation>Trotzdem lesen</translation>
    </message>
    <message>
      <location filename="app/ui/conversation/printing.py" />
      <source>Page {number} of {count}</source>
      <translation>Seite {number} von {count}</translation>
    </message>
    <message>
      <location filename="app/ui/conversation/suggestions.py" />
      <source>Summarise the main points, with page numbers.</source>
      <translation>Fasse die wichtigsten Punkte zusammen, mit Seitenzahlen.</translation>
    </message>
    <message>
      <location filename="app/ui/conversation/suggestions.py" />
      <source>Summarise the main points of each file.</source>
      <translation>Fasse die wichtigsten Punkte jeder Datei zusammen.</translation>
    </message>
    <message>
      <location filename="app/ui/conversation/suggestions.py" />
      <source>List every date, name and amount.</source>
      <translation>Liste alle Daten, Namen und Beträge auf.</translation>
    </message>
    <message>
      <location filename="app/ui/conversation/suggestions.py" />
      <source>What needs my attention here?</source>
      <translation>Was verlangt hier meine Aufmerksamkeit?</translation>
    </message>
    <message>
      <location filename="app/ui/conversation/suggestions.py" />
      <source>Which words can be read on the screen, and when?</source>
      <translation>Welche Wörter sind im Bild zu lesen, und wann?</translation>
    </message>
    <message>
      <location filename="app/ui/conversation/suggestions.py" />
      <source>What happens at the beginning and at the end?</source>
      <translation>Was geschieht am Anfang und am Ende?</translation>
    </message>
    <message>
      <location filename="app/ui/conversation/suggestions.py" />
      <source>What was agreed, and who does what?</source>
      <translation>Was wurde vereinbart, und wer macht was?</translation>
    </message>
    <message>
      <location filename="app/ui/conversation/suggestions.py" />
      <source>Write out all the text that can be read.</source>
      <translation>Schreibe den ganzen lesbaren Text heraus.</translation>
    </message>
    <message>
      <location filename="app/ui/conversation/suggestions.py" />
      <source>Try the screenshot</source>
      <translation>Mit dem Bildschirmfoto ausprobieren</translation>
    </message>
    <message>
      <location filename="app/ui/conversation/suggestions.py" />
      <source>Try the video</source>
      <translation>Mit dem Video ausprobieren</translation>
    </message>
    <message>
      <location filename="app/ui/conversation/suggestions.py" />
      <source>Try the recording</source>
      <translation>Aufnahme ausprobieren</translation>
    </message>
    <message>
      <location filename="app/ui/conversation/suggestions.py" />
      <source>Try the invoice</source>
      <translation>Mit der Rechnung ausprobieren</translation>
    </message>
    <message>
      <location filename="app/ui/conversation/suggestions.py" />
      <source>Summarise what happens, with times.</source>
      <translation>Fasse zusammen, was geschieht, mit Zeiten.</translation>
    </message>
    <message>
      <location filename="app/ui/conversation/suggestions.py" />
      <source>Summarise each video, with times.</source>
      <translation>Fasse jedes Video zusammen, mit Zeiten.</translation>
    </message>
    <message>
      <location filename="app/ui/conversation/suggestions.py" />
      <source>Summarise what is said, with times.</source>
      <translation>Fasse mit Zeitangaben zusammen, was gesagt wird.</translation>
    </message>
    <message>
      <location filename="app/ui/conversation/suggestions.py" />
      <source>Summarise each recording, with times.</source>
      <translation>Fasse jede Aufnahme mit Zeitangaben zusammen.</translation>
    </message>
    <message>
      <location filename="app/ui/conversation/suggestions.py" />
      <source>Describe this picture.</source>
      <translation>Beschreibe dieses Bild.</translation>
    </message>
    <message>
      <location filename="app/ui/conversation/suggestions.py" />
      <source>Describe each of these pictures.</source>
      <translation>Beschreibe jedes dieser Bilder.</translation>
    </message>
    <message>
      <location filename="app/ui/conversation/view.py" />
      <source>Jump to the latest</source>
      <translation>Zum Neuesten</translation>
    </message>
    <message>
      <location filename="app/ui/conversation/view.py" />
      <source>Jump to the latest text</source>
      <translation>Zum neuesten Text springen</translation>
    </message>
    <message>
      <location filename="app/ui/extract/columns.py" />
      <source>Number</source>
      <translation>Zahl</translation>
    </message>
    <message>
      <location filename="app/ui/extract/columns.py" />
      <source>Whole number</source>
      <translation>Ganze Zahl</translation>
    </message>
    <message>
      <location filename="app/ui/extract/columns.py" />
      <source>Yes or no</source>
      <translation>Ja oder nein</translation>
    </message>
    <message>
      <location filename="app/ui/extract/columns.py" />
      <source>Date</source>
      <translation>Datum</translation>
    </message>
    <message>
      <location filename="app/ui/extract/columns.py" />
      <source>The columns as a JSON schema</source>
      <translation>Die Spalten als JSON-Schema</translation>
    </message>
    <message>
      <location filename="app/ui/extract/columns.py" />
      <source>Columns</source>
      <translation>Spalten</translation>
    </message>
    <message>
      <location filename="app/ui/extract/columns.py" />
      <source>JSON schema</source>
      <translation>JSON-Schema</translation>
    </message>
    <message>
      <location filename="app/ui/extract/columns.py" />
      <source>Problems with the columns</source>
      <translation>Probleme mit den Spalten</translation>
    </message>
    <message>
      <location filename="app/ui/extract/columns.py" />
      <source>Add column</source>
      <translation>Spalte hinzufügen</translation>
    </message>
    <message>
      <location filename="app/ui/extract/columns.py" />
      <source>Remove column</source>
      <translation>Spalte entfernen</translation>
    </message>
    <message>
      <location filename="app/ui/extract/columns.py" />
      <source>Name of column {number}</source>
      <translation>Name der Spalte {number}</translation>
    </message>
    <message>
      <location filename="app/ui/extract/columns.py" />
      <source>What to look for in column {number}</source>
      <translation>Was in Spalte {number} gesucht wird</translation>
    </message>
    <message>
      <location filename="app/ui/extract/columns.py" />
      <source>Type of column {number}</source>
      <translation>Art der Spalte {number}</translation>
    </message>
    <message>
      <location filename="app/ui/extract/columns.py" />
      <source>Column {number} is required</source>
      <translation>Spalte {number} ist Pflicht</translation>
    </message>
    <message>
      <location filename="app/ui/extract/columns.py" />
      <source>Rows without this value are left out.</source>
      <translation>Zeilen ohne diesen Wert werden weggelassen.</translation>
    </message>
    <message>
      <location filename="app/ui/extract/columns.py" />
      <source>Name</source>
      <translation>Name</translation>
    </message>
    <message>
      <location filename="app/ui/extract/columns.py" />
      <source>Type</source>
      <translation>Art</translation>
    </message>
    <message>
      <location filename="app/ui/extract/columns.py" />
      <source>What to look for</source>
      <translation>Was gesucht wird</translation>
    </message>
    <message>
      <location filename="app/ui/extract/columns.py" />
      <source>Required</source>
      <translation>Pflicht</translation>
    </message>
    <message>
      <location filename="app/ui/extract/columns.py" />
      <source>a description or a question</source>
      <translation>eine Beschreibung oder eine Frage</translation>
    </message>
    <message>
      <location filename="app/ui/extract/found.py" />
      <source>Save as Excel…</source>
      <translation>Als Excel speichern…</translation>
    </message>
    <message>
      <location filename="app/ui/extract/found.py" />
      <source>Save as CSV…</source>
      <translation>Als CSV speichern…</translation>
    </message>
    <message>
      <location filename="app/ui/extract/found.py" />
      <source>Save as JSON…</source>
      <translation>Als JSON speichern…</translation>
    </message>
    <message>
      <location filename="app/ui/extract/found.py" />
      <source>Copy the table</source>
      <translation>Tabelle kopieren</translation>
    </message>
    <message>
      <location filename="app/ui/extract/found.py" />
      <source>Saved table</source>
      <translation>Gespeicherte Tabelle</translation>
    </message>
    <message>
      <location filename="app/ui/extract/found.py" />
      <source>Rows found</source>
      <translation>Gefundene Zeilen</translation>
    </message>
    <message>
      <location filename="app/ui/extract/found.py" />
      <source>Notes: skipped pages and unreadable values</source>
      <translation>Hinweise: übersprungene Seiten und nicht lesbare Werte</translation>
    </message>
    <message>
      <location filename="app/ui/extract/found.py" />
      <source>Save the table</source>
      <translation>Tabelle speichern</translation>
    </message>
    <message>
      <location filename="app/ui/extract/found.py" />
      <source>Table (*.csv)</source>
      <translation>Tabelle (*.csv)</translation>
    </message>
    <message>
      <location filename="app/ui/extract/found.py" />
      <source>Excel workbook (*.xlsx)</source>
      <translation>Excel-Arbeitsmappe (*.xlsx)</translation>
    </message>
    <message>
      <location filename="app/ui/extract/found.py" />
      <source>JSON (*.json)</source>
      <translation>JSON (*.json)</translation>
    </message>
    <message>
      <location filename="app/ui/extract/found.py" />
      <source>The folder of {path} no longer exists.</source>
      <translation>Den Ordner von {path} gibt es nicht mehr.</translation>
    </message>
    <message>
      <location filename="app/ui/extract/found.py" />
      <source>disk error</source>
      <translation>Datenträgerfehler</translation>
    </message>
    <message>
      <location filename="app/ui/extract/found.py" />
      <source>{path} could not be written: {why}.</source>
      <translation>{path} konnte nicht geschrieben werden: {why}.</translation>
    </message>
    <message>
      <location filename="app/ui/extract/panel.py" />
      <source>Check every page</source>
      <translation>Jede Seite prüfen</translation>
    </message>
    <message>
      <location filename="app/ui/extract/panel.py" />
      <source>What to extract</source>
      <translation>Was erfasst werden soll</translation>
    </message>
    <message>
      <location filename="app/ui/extract/panel.py" />
      <source>What to extract, for example: all invoices with number, date and total</source>
      <translation>Was erfasst werden soll, zum Beispiel: alle Rechnungen mit Nummer, Datum und Summe</translation>
    </message>
    <message>
      <location filename="app/ui/extract/panel.py" />
      <source>Suggest columns</source>
      <translation>Spalten vorschlagen</translation>
    </message>
    <message>
      <location filename="app/ui/extract/panel.py" />
      <source>Choosing columns…</source>
      <translation>Spalten werden ausgewählt…</translation>
    </message>
    <message>
      <location filename="app/ui/extract/panel.py" />
      <source>Keep these</source>
      <translation>Diese behalten</translation>
    </message>
    <message>
      <location filename="app/ui/extract/panel.py" />
      <source>Keep the columns below, and stop the model from choosing others.</source>
      <translation>Die Spalten unten behalten; das Modell sucht keine anderen aus.</translation>
    </message>
    <message>
      <location filename="app/ui/extract/panel.py" />
      <source>Merge the same item from several pages</source>
      <translation>Gleiche Einträge von mehreren Seiten zusammenfassen</translation>
    </message>
    <message>
      <location filename="app/ui/extract/panel.py" />
      <source>One answer for each file</source>
      <translation>Eine Antwort je Datei</translation>
    </message>
    <message>
      <location filename="app/ui/extract/panel.py" />
      <source>Asks the question about one file after another, and makes a row for each.</source>
      <translation>Stellt die Frage zu einer Datei nach der anderen und macht für jede eine Zeile.</translation>
    </message>
    <message>
      <location filename="app/ui/extract/panel.py" />
      <source>Pages checked</source>
      <translation>Geprüfte Seiten</translation>
    </message>
    <message>
      <location filename="app/ui/extract/panel.py" />
      <source>Start over</source>
      <translation>Von vorn beginnen</translation>
    </message>
    <message>
      <location filename="app/ui/extract/panel.py" />
      <source>Delete what an earlier run with these columns found, and check every page again.</source>
      <translation>Löscht, was ein früherer Durchlauf mit diesen Spalten gefunden hat, und prüft jede Seite neu.</translation>
    </message>
    <message>
      <location filename="app/ui/extract/panel.py" />
      <source>Stopped. {summary}</source>
      <translation>Angehalten. {summary}</translation>
    </message>
    <message numerus="yes">
      <location filename="app/ui/extract/panel.py" />
      <source>{n} rows so far</source>
      <extracomment>{n} row so far</extracomment>
      <translation>
        <numerusform>bisher {n} Zeile</numerusform>
        <numerusform>bisher {n} Zeilen</numerusform>
      </translation>
    </message>
    <message>
      <location filename="app/ui/extract/panel.py" />
      <source>{done} of {total}: {where}</source>
      <translation>{done} von {total}: {where}</translation>
    </message>
    <message>
      <location filename="app/ui/extract/panel.py" />
      <source>Write a question first.</source>
      <translation>Schreiben Sie zuerst eine Frage.</translation>
    </message>
    <message>
      <location filename="app/ui/extract/panel.py" />
      <source>Attach a file first.</source>
      <translation>Hängen Sie zuerst eine Datei an.</translation>
    </message>
    <message>
      <location filename="app/ui/extract/panel.py" />
      <source>No model is loaded; choose a model first.</source>
      <translation>Kein Modell ist geladen; wählen Sie zuerst eines.</translation>
    </message>
    <message>
      <location filename="app/ui/extract/panel.py" />
      <source>what to look for</source>
      <translation>wonach gesucht wird</translation>
    </message>
    <message>
      <location filename="app/ui/extract/panel.py" />
      <source>Make “{column}” optional and run again</source>
      <translation>„{column}“ freistellen und erneut prüfen</translation>
    </message>
    <message>
      <location filename="app/ui/extract/table.py" />
      <source>✓ found</source>
      <translation>✓ gefunden</translation>
    </message>
    <message>
      <location filename="app/ui/extract/table.py" />
      <source>▤ in the picture</source>
      <translation>▤ im Bild</translation>
    </message>
    <message>
      <location filename="app/ui/extract/table.py" />
      <source>♪ heard</source>
      <translation>♪ gehört</translation>
    </message>
    <message>
      <location filename="app/ui/extract/table.py" />
      <source>check yourself</source>
      <translation>bitte selbst prüfen</translation>
    </message>
    <message>
      <location filename="app/ui/extract/table.py" />
      <source>elsewhere</source>
      <translation>anderswo</translation>
    </message>
    <message>
      <location filename="app/ui/extract/table.py" />
      <source>⚠ not found</source>
      <translation>⚠ nicht gefunden</translation>
    </message>
    <message>
      <location filename="app/ui/extract/table.py" />
      <source>Page</source>
      <translation>Seite</translation>
    </message>
    <message>
      <location filename="app/ui/extract/table.py" />
      <source>Checked</source>
      <translation>Geprüft</translation>
    </message>
    <message>
      <location filename="app/ui/extract/table.py" />
      <source>Quotation</source>
      <translation>Zitat</translation>
    </message>
    <message>
      <location filename="app/ui/extract/table.py" />
      <source>yes</source>
      <translation>ja</translation>
    </message>
    <message>
      <location filename="app/ui/extract/table.py" />
      <source>no</source>
      <translation>nein</translation>
    </message>
    <message>
      <location filename="app/ui/files/arrivals.py" />
      <source>The files could not be listed: {reason}</source>
      <translation>Die Dateien konnten nicht aufgelistet werden: {reason}</translation>
    </message>
    <message>
      <location filename="app/ui/files/arrivals.py" />
      <source>The pasted picture could not be saved: {reason}</source>
      <translation>Das eingefügte Bild konnte nicht gespeichert werden: {reason}</translation>
    </message>
    <message>
      <location filename="app/ui/files/attachments.py" />
      <source>Reading was stopped. Choose “Read again” to start over.</source>
      <translation>Das Lesen wurde angehalten. Wählen Sie „Noch einmal lesen“, um neu zu beginnen.</translation>
    </message>
    <message>
      <location filename="app/ui/files/attachments.py" />
      <source>{name} is attached already.</source>
      <translation>{name} ist schon angehängt.</translation>
    </message>
    <message>
      <location filename="app/ui/files/attachments.py" />
      <source>{name} has the same content as {other}, which is attached already.</source>
      <translation>{name} hat denselben Inhalt wie {other}, das schon angehängt ist.</translation>
    </message>
    <message>
      <location filename="app/ui/files/coverage.py" />
      <source>Lines: text. Solid: picture. Split: both. Crossed out: not read.</source>
      <translation>Linien: Text. Voll: Bild. Geteilt: beides. Durchgestrichen: nicht gelesen.</translation>
    </message>
    <message>
      <location filename="app/ui/files/coverage.py" />
      <source>Coverage of {name}</source>
      <translation>Gelesene Teile von {name}</translation>
    </message>
    <message>
      <location filename="app/ui/files/coverage.py" />
      <source>Coverage</source>
      <translation>Gelesene Teile</translation>
    </message>
    <message>
      <location filename="app/ui/files/coverage.py" />
      <source>text</source>
      <translation>Text</translation>
    </message>
    <message>
      <location filename="app/ui/files/coverage.py" />
      <source>picture</source>
      <translation>Bild</translation>
    </message>
    <message>
      <location filename="app/ui/files/coverage.py" />
      <source>both</source>
      <translation>beides</translation>
    </message>
    <message>
      <location filename="app/ui/files/coverage.py" />
      <source>not read</source>
      <translation>nicht gelesen</translation>
    </message>
    <message>
      <location filename="app/ui/files/coverage_cells.py" />
      <source>Pages {first} to {last}</source>
      <translation>Seiten {first} bis {last}</translation>
    </message>
    <message numerus="yes">
      <location filename="app/ui/files/coverage_cells.py" />
      <source>{n} pages</source>
      <extracomment>{n} page</extracomment>
      <translation>
        <numerusform>{n} Seite</numerusform>
        <numerusform>{n} Seiten</numerusform>
      </translation>
    </message>
    <message>
      <location filename="app/ui/files/coverage_cells.py" />
      <source>{time}: this frame was looked at, {tokens} tokens at most</source>
      <translation>{time}: Dieses Einzelbild wurde angesehen, höchstens {tokens} Token</translation>
    </message>
    <message numerus="yes">
      <location filename="app/ui/files/coverage_cells.py" />
      <source>{n} frames looked at</source>
      <extracomment>{n} frame looked at</extracomment>
      <translation>
        <numerusform>{n} Einzelbild angesehen</numerusform>
        <numerusform>{n} Einzelbilder angesehen</numerusform>
      </translation>
    </message>
    <message>
      <location filename="app/ui/files/coverage_cells.py" />
      <source>text read from the frames, confidence {n} %</source>
      <translation>Text aus Einzelbildern gelesen, Sicherheit {n} %</translation>
    </message>
    <message>
      <location filename="app/ui/files/coverage_cells.py" />
      <source>read as text</source>
      <translation>als Text gelesen</translation>
    </message>
    <message>
      <location filename="app/ui/files/coverage_cells.py" />
      <source>read as a picture, {tokens} tokens at most</source>
      <translation>als Bild gelesen, höchstens {tokens} Token</translation>
    </message>
    <message>
      <location filename="app/ui/files/coverage_cells.py" />
      <source>read as text and as a picture, {tokens} tokens at most</source>
      <translation>als Text und als Bild gelesen, höchstens {tokens} Token</translation>
    </message>
    <message numerus="yes">
      <location filename="app/ui/files/coverage_cells.py" />
      <source>{n} as text</source>
      <extracomment>{n} as text</extracomment>
      <translation>
        <numerusform>{n} als Text</numerusform>
        <numerusform>{n} als Text</numerusform>
      </translation>
    </message>
    <message numerus="yes">
      <location filename="app/ui/files/coverage_cells.py" />
      <source>{n} as text and pictures</source>
      <extracomment>{n} as text and picture</extracomment>
      <translation>
        <numerusform>{n} als Text und Bild</numerusform>
        <numerusform>{n} als Text und Bilder</numerusform>
      </translation>
    </message>
    <message numerus="yes">
      <location filename="app/ui/files/coverage_cells.py" />
      <source>{n} as pictures</source>
      <extracomment>{n} as a picture</extracomment>
      <translation>
        <numerusform>{n} als Bild</numerusform>
        <numerusform>{n} als Bilder</numerusform>
      </translation>
    </message>
    <message numerus="yes">
      <location filename="app/ui/files/coverage_cells.py" />
      <source>{n} not read</source>
      <extracomment>{n} not read</extracomment>
      <translation>
        <numerusform>{n} nicht gelesen</numerusform>
        <numerusform>{n} nicht gelesen</numerusform>
      </translation>
    </message>
    <message>
      <location filename="app/ui/files/coverage_cells.py" />
      <source>{length} of sound</source>
      <translation>{length} Ton</translation>
    </message>
    <message>
      <location filename="app/ui/files/coverage_cells.py" />
      <source>{frames} in {length}</source>
      <translation>{frames} in {length}</translation>
    </message>
    <message>
      <location filename="app/ui/files/coverage_cells.py" />
      <source>text on frames is being read</source>
      <translation>Text auf Einzelbildern wird gelesen</translation>
    </message>
    <message>
      <location filename="app/ui/files/coverage_cells.py" />
      <source>Confidence {n} %.</source>
      <translation>Sicherheit {n} %.</translation>
    </message>
    <message>
      <location filename="app/ui/files/coverage_cells.py" />
      <source>Page {number}</source>
      <translation>Seite {number}</translation>
    </message>
    <message>
      <location filename="app/ui/files/detail.py" />
      <source>{choice}: {tokens} in total, about {time}</source>
      <translation>{choice}: {tokens} zusammen, etwa {time}</translation>
    </message>
    <message>
      <location filename="app/ui/files/detail.py" />
      <source>Automatic</source>
      <translation>Automatisch</translation>
    </message>
    <message>
      <location filename="app/ui/files/detail.py" />
      <source>{n} tokens per picture</source>
      <translation>{n} Token je Bild</translation>
    </message>
    <message>
      <location filename="app/ui/files/detail.py" />
      <source>{choice}: {tokens} in total</source>
      <translation>{choice}: {tokens} zusammen</translation>
    </message>
    <message>
      <location filename="app/ui/files/folder_card.py" />
      <source>Reading progress of {name}</source>
      <translation>Lesefortschritt von {name}</translation>
    </message>
    <message>
      <location filename="app/ui/files/folder_card.py" />
      <source>Update</source>
      <translation>Aktualisieren</translation>
    </message>
    <message>
      <location filename="app/ui/files/folder_card.py" />
      <source>Reads what is new or changed, and removes what is gone.</source>
      <translation>Liest, was neu oder geändert ist, und entfernt, was nicht mehr da ist.</translation>
    </message>
    <message>
      <location filename="app/ui/files/folder_card.py" />
      <source>Look again</source>
      <translation>Noch einmal nachsehen</translation>
    </message>
    <message>
      <location filename="app/ui/files/folder_card.py" />
      <source>Options for {name}</source>
      <translation>Möglichkeiten für {name}</translation>
    </message>
    <message>
      <location filename="app/ui/files/folder_card.py" />
      <source>Remove {name}</source>
      <translation>{name} entfernen</translation>
    </message>
    <message>
      <location filename="app/ui/files/folder_card.py" />
      <source>Hide the files</source>
      <translation>Dateien ausblenden</translation>
    </message>
    <message numerus="yes">
      <location filename="app/ui/files/folder_card.py" />
      <source>Show all {n} entries</source>
      <extracomment>Show {n} entry</extracomment>
      <translation>
        <numerusform>{n} Eintrag zeigen</numerusform>
        <numerusform>Alle {n} Einträge zeigen</numerusform>
      </translation>
    </message>
    <message>
      <location filename="app/ui/files/folder_card.py" />
      <source>Not read only ({n})</source>
      <translation>Nur nicht gelesene ({n})</translation>
    </message>
    <message>
      <location filename="app/ui/files/folder_card.py" />
      <source>Read again</source>
      <translation>Noch einmal lesen</translation>
    </message>
    <message>
      <location filename="app/ui/files/folder_card.py" />
      <source>Look for changes</source>
      <translation>Nach Änderungen sehen</translation>
    </message>
    <message>
      <location filename="app/ui/files/folder_card.py" />
      <source>Read again what could not be read</source>
      <translation>Nicht Gelesenes noch einmal lesen</translation>
    </message>
    <message>
      <location filename="app/ui/files/folder_card.py" />
      <source>Remove</source>
      <translation>Entfernen</translation>
    </message>
    <message>
      <location filename="app/ui/files/folder_card.py" />
      <source>Add it separately</source>
      <translation>Einzeln hinzufügen</translation>
    </message>
    <message>
      <location filename="app/ui/files/folder_card.py" />
      <source>Show the files</source>
      <translation>Dateien zeigen</translation>
    </message>
    <message>
      <location filename="app/ui/files/folder_card.py" />
      <source>Stop reading</source>
      <translation>Lesen anhalten</translation>
    </message>
    <message>
      <location filename="app/ui/files/folder_list.py" />
      <source>Files of the folder</source>
      <translation>Dateien des Ordners</translation>
    </message>
    <message numerus="yes">
      <location filename="app/ui/files/folder_words.py" />
      <source>{n} files have changed since they were attached; earlier answers are based on the older versions.</source>
      <extracomment>{n} file has changed since it was attached; earlier answers are based on the older version.</extracomment>
      <translation>
        <numerusform>{n} Datei hat sich geändert, seit sie angehängt wurde; frühere Antworten beruhen auf der älteren Fassung.</numerusform>
        <numerusform>{n} Dateien haben sich geändert, seit sie angehängt wurden; frühere Antworten beruhen auf den älteren Fassungen.</numerusform>
      </translation>
    </message>
    <message>
      <location filename="app/ui/files/folder_words.py" />
      <source>The folder is no longer where it was ({folder}), or cannot be opened. You can still read the conversation; to ask more about its files, put it back, or add it from its new location.</source>
      <translation>Der Ordner ist nicht mehr an seinem Ort ({folder}) oder lässt sich nicht öffnen. Die Unterhaltung bleibt lesbar; um weiter nach seinen Dateien zu fragen, legen Sie ihn zurück oder fügen Sie ihn von seinem neuen Ort hinzu.</translation>
    </message>
    <message numerus="yes">
      <location filename="app/ui/files/folder_words.py" />
      <source>Looking through it: {n} entries so far…</source>
      <extracomment>Looking through it: {n} entry so far…</extracomment>
      <translation>
        <numerusform>Wird durchgesehen: bisher {n} Eintrag …</numerusform>
        <numerusform>Wird durchgesehen: bisher {n} Einträge …</numerusform>
      </translation>
    </message>
    <message numerus="yes">
      <location filename="app/ui/files/folder_words.py" />
      <source>{n} files</source>
      <extracomment>{n} file</extracomment>
      <translation>
        <numerusform>{n} Datei</numerusform>
        <numerusform>{n} Dateien</numerusform>
      </translation>
    </message>
    <message>
      <location filename="app/ui/files/folder_words.py" />
      <source>Since it was read: {changes}</source>
      <translation>Seit dem Lesen: {changes}</translation>
    </message>
    <message>
      <location filename="app/ui/files/folder_words.py" />
      <source>The folder is no longer where it was ({folder}), or cannot be opened. You can still ask about what was read of it; to see its pages, put it back, or add it from its new location.</source>
      <translation>Der Ordner ist nicht mehr an seinem Ort ({folder}) oder lässt sich nicht öffnen. Zu dem, was daraus gelesen wurde, können Sie weiter Fragen stellen; um seine Seiten zu sehen, legen Sie ihn zurück oder fügen Sie ihn von seinem neuen Ort hinzu.</translation>
    </message>
    <message>
      <location filename="app/ui/files/folder_words.py" />
      <source>{n} read</source>
      <translation>{n} gelesen</translation>
    </message>
    <message>
      <location filename="app/ui/files/folder_words.py" />
      <source>{n} queued</source>
      <translation>{n} in der Warteschlange</translation>
    </message>
    <message numerus="yes">
      <location filename="app/ui/files/folder_words.py" />
      <source>{n} files need a password</source>
      <extracomment>{n} file needs a password</extracomment>
      <translation>
        <numerusform>{n} Datei braucht ein Passwort</numerusform>
        <numerusform>{n} Dateien brauchen ein Passwort</numerusform>
      </translation>
    </message>
    <message numerus="yes">
      <location filename="app/ui/files/folder_words.py" />
      <source>{n} files could not be read</source>
      <extracomment>{n} file could not be read</extracomment>
      <translation>
        <numerusform>{n} Datei konnte nicht gelesen werden</numerusform>
        <numerusform>{n} Dateien konnten nicht gelesen werden</numerusform>
      </translation>
    </message>
    <message numerus="yes">
      <location filename="app/ui/files/folder_words.py" />
      <source>{n} copies of other files</source>
      <extracomment>{n} copy of another file</extracomment>
      <translation>
        <numerusform>{n} Kopie einer anderen Datei</numerusform>
        <numerusform>{n} Kopien anderer Dateien</numerusform>
      </translation>
    </message>
    <message numerus="yes">
      <location filename="app/ui/files/folder_words.py" />
      <source>{n} files that you removed</source>
      <extracomment>{n} file that you removed</extracomment>
      <translation>
        <numerusform>{n} von Ihnen entfernte Datei</numerusform>
        <numerusform>{n} von Ihnen entfernte Dateien</numerusform>
      </translation>
    </message>
    <message numerus="yes">
      <location filename="app/ui/files/folder_words.py" />
      <source>{n} entries left out</source>
      <extracomment>{n} entry left out</extracomment>
      <translation>
        <numerusform>{n} Eintrag ausgelassen</numerusform>
        <numerusform>{n} Einträge ausgelassen</numerusform>
      </translation>
    </message>
    <message numerus="yes">
      <location filename="app/ui/files/folder_words.py" />
      <source>{n} hidden entries</source>
      <extracomment>{n} hidden entry</extracomment>
      <translation>
        <numerusform>{n} versteckter Eintrag</numerusform>
        <numerusform>{n} versteckte Einträge</numerusform>
      </translation>
    </message>
    <message numerus="yes">
      <location filename="app/ui/files/folder_words.py" />
      <source>{n} new</source>
      <extracomment>{n} new</extracomment>
      <translation>
        <numerusform>{n} neu</numerusform>
        <numerusform>{n} neu</numerusform>
      </translation>
    </message>
    <message numerus="yes">
      <location filename="app/ui/files/folder_words.py" />
      <source>{n} changed</source>
      <extracomment>{n} changed</extracomment>
      <translation>
        <numerusform>{n} geändert</numerusform>
        <numerusform>{n} geändert</numerusform>
      </translation>
    </message>
    <message numerus="yes">
      <location filename="app/ui/files/folder_words.py" />
      <source>{n} gone</source>
      <extracomment>{n} gone</extracomment>
      <translation>
        <numerusform>{n} nicht mehr da</numerusform>
        <numerusform>{n} nicht mehr da</numerusform>
      </translation>
    </message>
    <message>
      <location filename="app/ui/files/folder_words.py" />
      <source>New: not read yet</source>
      <translation>Neu: noch nicht gelesen</translation>
    </message>
    <message>
      <location filename="app/ui/files/folder_words.py" />
      <source>{words} · no longer there</source>
      <translation>{words} · nicht mehr da</translation>
    </message>
    <message>
      <location filename="app/ui/files/folder_words.py" />
      <source>{words} · changed on disk</source>
      <translation>{words} · auf dem Datenträger geändert</translation>
    </message>
    <message numerus="yes">
      <location filename="app/ui/files/inside.py" />
      <source>{n} attached files</source>
      <extracomment>{n} attached file</extracomment>
      <translation>
        <numerusform>{n} Anhang</numerusform>
        <numerusform>{n} Anhänge</numerusform>
      </translation>
    </message>
    <message>
      <location filename="app/ui/files/inside.py" />
      <source>Attached files</source>
      <translation>Angehängte Dateien</translation>
    </message>
    <message>
      <location filename="app/ui/files/inside.py" />
      <source>Add all to the conversation</source>
      <translation>Alle zur Unterhaltung hinzufügen</translation>
    </message>
    <message>
      <location filename="app/ui/files/inside.py" />
      <source>Only the first {n} attached files were added; open the others one by one.</source>
      <translation>Nur die ersten {n} Anhänge wurden hinzugefügt; öffnen Sie die anderen einzeln.</translation>
    </message>
    <message numerus="yes">
      <location filename="app/ui/files/inside.py" />
      <source>and {n} more</source>
      <extracomment>and {n} more</extracomment>
      <translation>
        <numerusform>und {n} weiterer</numerusform>
        <numerusform>und {n} weitere</numerusform>
      </translation>
    </message>
    <message>
      <location filename="app/ui/files/item_row.py" />
      <source>Automatic, page by page</source>
      <translation>Automatisch, Seite für Seite</translation>
    </message>
    <message>
      <location filename="app/ui/files/item_row.py" />
      <source>Text only</source>
      <translation>Nur Text</translation>
    </message>
    <message>
      <location filename="app/ui/files/item_row.py" />
      <source>Pictures only</source>
      <translation>Nur Bilder</translation>
    </message>
    <message>
      <location filename="app/ui/files/item_row.py" />
      <source>Text and pictures</source>
      <translation>Text und Bilder</translation>
    </message>
    <message>
      <location filename="app/ui/files/item_row.py" />
      <source>Stop reading {name}</source>
      <translation>Lesen von {name} anhalten</translation>
    </message>
    <message>
      <location filename="app/ui/files/item_row.py" />
      <source>Read {name} again</source>
      <translation>{name} noch einmal lesen</translation>
    </message>
    <message>
      <location filename="app/ui/files/item_row.py" />
      <source>Enter the password…</source>
      <translation>Passwort eingeben…</translation>
    </message>
    <message>
      <location filename="app/ui/files/item_row.py" />
      <source>Enter the password for {name}</source>
      <translation>Das Passwort von {name} eingeben</translation>
    </message>
    <message numerus="yes">
      <location filename="app/ui/files/item_row.py" />
      <source>Add all {n} attached files</source>
      <extracomment>Add {n} attached file</extracomment>
      <translation>
        <numerusform>{n} Anhang hinzufügen</numerusform>
        <numerusform>Alle {n} Anhänge hinzufügen</numerusform>
      </translation>
    </message>
    <message>
      <location filename="app/ui/files/item_row.py" />
      <source>Image detail</source>
      <translation>Detailgrad der Bilder</translation>
    </message>
    <message>
      <location filename="app/ui/files/item_row.py" />
      <source>Model cache</source>
      <translation>Zwischenspeicher des Modells</translation>
    </message>
    <message>
      <location filename="app/ui/files/item_row.py" />
      <source>Pin in memory</source>
      <translation>Im Speicher halten</translation>
    </message>
    <message>
      <location filename="app/ui/files/item_row.py" />
      <source>Keeps the document in memory, even after a restart.</source>
      <translation>Behält das Dokument im Speicher, auch nach einem Neustart.</translation>
    </message>
    <message>
      <location filename="app/ui/files/item_row.py" />
      <source>Unload from memory</source>
      <translation>Aus dem Speicher nehmen</translation>
    </message>
    <message>
      <location filename="app/ui/files/item_row.py" />
      <source>It stays on disk and is loaded again with the next question.</source>
      <translation>Es bleibt auf der Festplatte und wird mit der nächsten Frage wieder geladen.</translation>
    </message>
    <message>
      <location filename="app/ui/files/item_row.py" />
      <source>Delete cached data…</source>
      <translation>Zwischengespeicherte Daten löschen…</translation>
    </message>
    <message>
      <location filename="app/ui/files/item_row.py" />
      <source>Read pages as</source>
      <translation>Seiten lesen als</translation>
    </message>
    <message>
      <location filename="app/ui/files/item_row.py" />
      <source>Copy this error</source>
      <translation>Diesen Fehler kopieren</translation>
    </message>
    <message>
      <location filename="app/ui/files/item_row.py" />
      <source>Open in the viewer</source>
      <translation>Im Betrachter öffnen</translation>
    </message>
    <message>
      <location filename="app/ui/files/item_row.py" />
      <source>Compare with…</source>
      <translation>Vergleichen mit…</translation>
    </message>
    <message>
      <location filename="app/ui/files/item_row.py" />
      <source>Use all pages again</source>
      <translation>Wieder alle Seiten benutzen</translation>
    </message>
    <message>
      <location filename="app/ui/files/item_row.py" />
      <source>{file}, shown in the viewer</source>
      <translation>{file}, im Betrachter gezeigt</translation>
    </message>
    <message>
      <location filename="app/ui/files/item_row.py" />
      <source>Open {name}</source>
      <translation>{name} öffnen</translation>
    </message>
    <message numerus="yes">
      <location filename="app/ui/files/pane.py" />
      <source>{n} files attached</source>
      <extracomment>{n} file attached</extracomment>
      <translation>
        <numerusform>{n} Datei angehängt</numerusform>
        <numerusform>{n} Dateien angehängt</numerusform>
      </translation>
    </message>
    <message>
      <location filename="app/ui/files/pane.py" />
      <source>Files</source>
      <translation>Dateien</translation>
    </message>
    <message>
      <location filename="app/ui/files/pane.py" />
      <source>New conversation with these files (Ctrl+Alt+N)</source>
      <translation>Neue Unterhaltung mit diesen Dateien (Strg+Alt+N)</translation>
    </message>
    <message>
      <location filename="app/ui/files/pane.py" />
      <source>Remove all files</source>
      <translation>Alle Dateien entfernen</translation>
    </message>
    <message>
      <location filename="app/ui/files/pane.py" />
      <source>Drop files or folders anywhere in this window.</source>
      <translation>Ziehen Sie Dateien oder Ordner irgendwo in dieses Fenster.</translation>
    </message>
    <message>
      <location filename="app/ui/files/pane.py" />
      <source>Add files…</source>
      <translation>Dateien hinzufügen…</translation>
    </message>
    <message>
      <location filename="app/ui/files/passwords.py" />
      <source>The password is kept in memory while the file is attached, and is never saved.</source>
      <translation>Das Passwort bleibt im Speicher, solange die Datei angehängt ist, und wird nie gespeichert.</translation>
    </message>
    <message>
      <location filename="app/ui/files/passwords.py" />
      <source>Password</source>
      <translation>Passwort</translation>
    </message>
    <message>
      <location filename="app/ui/files/passwords.py" />
      <source>Password for {name}</source>
      <translation>Passwort für {name}</translation>
    </message>
    <message>
      <location filename="app/ui/files/passwords.py" />
      <source>Open</source>
      <translation>Öffnen</translation>
    </message>
    <message>
      <location filename="app/ui/files/passwords.py" />
      <source>Show</source>
      <translation>Zeigen</translation>
    </message>
    <message>
      <location filename="app/ui/files/passwords.py" />
      <source>Show the password</source>
      <translation>Das Passwort zeigen</translation>
    </message>
    <message>
      <location filename="app/ui/files/passwords.py" />
      <source>Wrong password.</source>
      <translation>Falsches Passwort.</translation>
    </message>
    <message>
      <location filename="app/ui/files/words.py" />
      <source>Reading frame {number} of {total}</source>
      <translation>Einzelbild {number} von {total} wird gelesen</translation>
    </message>
    <message>
      <location filename="app/ui/files/words.py" />
      <source>{name} has changed since it was attached; earlier answers are based on the older version.</source>
      <translation>{name} hat sich geändert, seit es angehängt wurde; frühere Antworten beruhen auf der älteren Datei.</translation>
    </message>
    <message numerus="yes">
      <location filename="app/ui/files/words.py" />
      <source>pages {pages} were hard to read</source>
      <extracomment>page {pages} was hard to read</extracomment>
      <translation>
        <numerusform>Seite {pages} war schwer zu lesen</numerusform>
        <numerusform>die Seiten {pages} waren schwer zu lesen</numerusform>
      </translation>
    </message>
    <message numerus="yes">
      <location filename="app/ui/files/words.py" />
      <source>only a part of the pictures of pages {pages} was read</source>
      <extracomment>only a part of the picture of page {pages} was read</extracomment>
      <translation>
        <numerusform>vom Bild der Seite {pages} wurde nur ein Teil gelesen</numerusform>
        <numerusform>von den Bildern der Seiten {pages} wurde nur ein Teil gelesen</numerusform>
      </translation>
    </message>
    <message>
      <location filename="app/ui/files/words.py" />
      <source>Could not be read</source>
      <translation>Konnte nicht gelesen werden</translation>
    </message>
    <message>
      <location filename="app/ui/files/words.py" />
      <source>with transcript</source>
      <translation>mit Mitschrift</translation>
    </message>
    <message>
      <location filename="app/ui/files/words.py" />
      <source>sound heard</source>
      <translation>Ton gehört</translation>
    </message>
    <message>
      <location filename="app/ui/files/words.py" />
      <source>not heard: this model does not hear</source>
      <translation>nicht gehört: dieses Modell hört nicht</translation>
    </message>
    <message>
      <location filename="app/ui/files/words.py" />
      <source>Waiting to be read…</source>
      <translation>Wartet darauf, gelesen zu werden…</translation>
    </message>
    <message>
      <location filename="app/ui/files/words.py" />
      <source>Opening…</source>
      <translation>Wird geöffnet…</translation>
    </message>
    <message>
      <location filename="app/ui/files/words.py" />
      <source>Reading page {number} of {total}</source>
      <translation>Seite {number} von {total} wird gelesen</translation>
    </message>
    <message>
      <location filename="app/ui/files/words.py" />
      <source>Listening: {done} of {total}</source>
      <translation>Ton wird gelesen: {done} von {total}</translation>
    </message>
    <message>
      <location filename="app/ui/files/words.py" />
      <source>It has changed on disk since it was read; choose “Read again” in its menu.</source>
      <translation>Sie hat sich auf der Festplatte geändert, seit sie gelesen wurde; wählen Sie in ihrem Menü „Noch einmal lesen“.</translation>
    </message>
    <message numerus="yes">
      <location filename="app/ui/files/words.py" />
      <source>{n} notes about this file</source>
      <extracomment>{n} note about this file</extracomment>
      <translation>
        <numerusform>{n} Hinweis zu dieser Datei</numerusform>
        <numerusform>{n} Hinweise zu dieser Datei</numerusform>
      </translation>
    </message>
    <message numerus="yes">
      <location filename="app/ui/files/words.py" />
      <source>{n} pages as text</source>
      <extracomment>{n} page as text</extracomment>
      <translation>
        <numerusform>{n} Seite als Text</numerusform>
        <numerusform>{n} Seiten als Text</numerusform>
      </translation>
    </message>
    <message numerus="yes">
      <location filename="app/ui/files/words.py" />
      <source>{n} pages as picture</source>
      <extracomment>{n} page as picture</extracomment>
      <translation>
        <numerusform>{n} Seite als Bild</numerusform>
        <numerusform>{n} Seiten als Bild</numerusform>
      </translation>
    </message>
    <message numerus="yes">
      <location filename="app/ui/files/words.py" />
      <source>{n} pages as text and picture</source>
      <extracomment>{n} page as text and picture</extracomment>
      <translation>
        <numerusform>{n} Seite als Text und Bild</numerusform>
        <numerusform>{n} Seiten als Text und Bild</numerusform>
      </translation>
    </message>
    <message numerus="yes">
      <location filename="app/ui/files/words.py" />
      <source>{n} pages left out</source>
      <extracomment>{n} page left out</extracomment>
      <translation>
        <numerusform>{n} Seite ausgelassen</numerusform>
        <numerusform>{n} Seiten ausgelassen</numerusform>
      </translation>
    </message>
    <message>
      <location filename="app/ui/files/words.py" />
      <source>Pinned</source>
      <translation>Festgehalten</translation>
    </message>
    <message>
      <location filename="app/ui/files/words.py" />
      <source>{place} · pinned</source>
      <translation>{place} · festgehalten</translation>
    </message>
    <message numerus="yes">
      <location filename="app/ui/files/words.py" />
      <source>preparing {n} pictures</source>
      <extracomment>preparing {n} picture</extracomment>
      <translation>
        <numerusform>{n} Bild wird vorbereitet</numerusform>
        <numerusform>{n} Bilder werden vorbereitet</numerusform>
      </translation>
    </message>
    <message>
      <location filename="app/ui/files/words.py" />
      <source>{place}, pinned</source>
      <translation>{place}, festgehalten</translation>
    </message>
    <message>
      <location filename="app/ui/files/words.py" />
      <source>{place}: {tokens} of the context</source>
      <translation>{place}: {tokens} des Kontexts</translation>
    </message>
    <message>
      <location filename="app/ui/files/words.py" />
      <source>In memory</source>
      <translation>Im Speicher</translation>
    </message>
    <message>
      <location filename="app/ui/files/words.py" />
      <source>On disk</source>
      <translation>Auf der Festplatte</translation>
    </message>
    <message>
      <location filename="app/ui/files/words.py" />
      <source>Unread</source>
      <translation>Ungelesen</translation>
    </message>
    <message numerus="yes">
      <location filename="app/ui/files/words.py" />
      <source>{n} picture tokens</source>
      <extracomment>{n} picture token</extracomment>
      <translation>
        <numerusform>{n} Bildtoken</numerusform>
        <numerusform>{n} Bildtoken</numerusform>
      </translation>
    </message>
    <message numerus="yes">
      <location filename="app/ui/files/words.py" />
      <source>the pictures of pages {pages} could not be read; “Read again” tries once more</source>
      <extracomment>the picture of page {pages} could not be read; “Read again” tries once more</extracomment>
      <translation>
        <numerusform>das Bild von Seite {pages} konnte nicht gelesen werden; „Noch einmal lesen“ versucht es noch einmal</numerusform>
        <numerusform>die Bilder der Seiten {pages} konnten nicht gelesen werden; „Noch einmal lesen“ versucht es noch einmal</numerusform>
      </translation>
    </message>
    <message>
      <location filename="app/ui/files/words.py" />
      <source>Attached to {name}</source>
      <translation>Angehängt an {name}</translation>
    </message>
    <message>
      <location filename="app/ui/files/words.py" />
      <source>{size} in memory</source>
      <translation>{size} im Speicher</translation>
    </message>
    <message>
      <location filename="app/ui/files/words.py" />
      <source>{size} on disk</source>
      <translation>{size} auf der Festplatte</translation>
    </message>
    <message>
      <location filename="app/ui/files/words.py" />
      <source>The model reads it with the next question</source>
      <translation>Das Modell liest es mit der nächsten Frage</translation>
    </message>
    <message numerus="yes">
      <location filename="app/ui/files/words.py" />
      <source>{n} frames</source>
      <extracomment>{n} frame</extracomment>
      <translation>
        <numerusform>{n} Einzelbild</numerusform>
        <numerusform>{n} Einzelbilder</numerusform>
      </translation>
    </message>
    <message>
      <location filename="app/ui/files/words.py" />
      <source>as text</source>
      <translation>als Text</translation>
    </message>
    <message>
      <location filename="app/ui/files/words.py" />
      <source>it was hard to read</source>
      <translation>schwer zu lesen</translation>
    </message>
    <message>
      <location filename="app/ui/files/words.py" />
      <source>only a part of its text was read</source>
      <translation>nur ein Teil seines Textes wurde gelesen</translation>
    </message>
    <message>
      <location filename="app/ui/files/words.py" />
      <source>its text could not be read; “Read again” tries once more</source>
      <translation>der Text konnte nicht gelesen werden; „Noch einmal lesen“ versucht es noch einmal</translation>
    </message>
    <message>
      <location filename="app/ui/history/history.py" />
      <source>New conversation</source>
      <translation>Neue Unterhaltung</translation>
    </message>
    <message>
      <location filename="app/ui/history/list.py" />
      <source>Conversations</source>
      <translation>Unterhaltungen</translation>
    </message>
    <message>
      <location filename="app/ui/history/list.py" />
      <source>Open in a new window</source>
      <translation>In neuem Fenster öffnen</translation>
    </message>
    <message>
      <location filename="app/ui/history/list.py" />
      <source>Rename</source>
      <translation>Umbenennen</translation>
    </message>
    <message>
      <location filename="app/ui/history/list.py" />
      <source>Export…</source>
      <translation>Exportieren…</translation>
    </message>
    <message>
      <location filename="app/ui/history/list.py" />
      <source>Delete</source>
      <translation>Löschen</translation>
    </message>
    <message>
      <location filename="app/ui/history/pane.py" />
      <source>Your conversations appear here, and stay on this machine.</source>
      <translation>Ihre Unterhaltungen erscheinen hier und bleiben auf diesem Rechner.</translation>
    </message>
    <message>
      <location filename="app/ui/history/pane.py" />
      <source>No results for “{words}”.</source>
      <translation>Keine Ergebnisse für „{words}“.</translation>
    </message>
    <message>
      <location filename="app/ui/history/pane.py" />
      <source>Search in all conversations</source>
      <translation>In allen Unterhaltungen suchen</translation>
    </message>
    <message>
      <location filename="app/ui/history/pane.py" />
      <source>Search conversations</source>
      <translation>Unterhaltungen durchsuchen</translation>
    </message>
    <message>
      <location filename="app/ui/history/pane.py" />
      <source>Clear the search field</source>
      <translation>Suchfeld leeren</translation>
    </message>
    <message>
      <location filename="app/ui/history/pane.py" />
      <source>Conversations and files</source>
      <translation>Unterhaltungen und Dateien</translation>
    </message>
    <message>
      <location filename="app/ui/history/pane.py" />
      <source>Search</source>
      <translation>Suchen</translation>
    </message>
    <message>
      <location filename="app/ui/history/rows.py" />
      <source>Yesterday</source>
      <translation>Gestern</translation>
    </message>
    <message>
      <location filename="app/ui/history/rows.py" />
      <source>Untitled conversation</source>
      <translation>Unterhaltung ohne Titel</translation>
    </message>
    <message>
      <location filename="app/ui/history/rows.py" />
      <source>No files</source>
      <translation>Keine Dateien</translation>
    </message>
    <message>
      <location filename="app/ui/history/rows.py" />
      <source>Answering… · {files}</source>
      <translation>Antwortet… · {files}</translation>
    </message>
    <message>
      <location filename="app/ui/history/rows.py" />
      <source>Draft · {files}</source>
      <translation>Entwurf · {files}</translation>
    </message>
    <message>
      <location filename="app/ui/history/rows.py" />
      <source>Title of the conversation</source>
      <translation>Titel der Unterhaltung</translation>
    </message>
    <message>
      <location filename="app/ui/history/rows.py" />
      <source>open now</source>
      <translation>jetzt offen</translation>
    </message>
    <message numerus="yes">
      <location filename="app/ui/history/talks.py" />
      <source>{n} files were not carried over.</source>
      <extracomment>{n} file was not carried over.</extracomment>
      <translation>
        <numerusform>{n} Datei wurde nicht übernommen.</numerusform>
        <numerusform>{n} Dateien wurden nicht übernommen.</numerusform>
      </translation>
    </message>
    <message>
      <location filename="app/ui/history/talks.py" />
      <source>“{title}” was deleted.</source>
      <translation>„{title}“ wurde gelöscht.</translation>
    </message>
    <message>
      <location filename="app/ui/look/buttons.py" />
      <source>Close</source>
      <translation>Schließen</translation>
    </message>
    <message>
      <location filename="app/ui/look/status.py" />
      <source>{used} of {total} tokens</source>
      <translation>{used} von {total} Token</translation>
    </message>
    <message>
      <location filename="app/ui/look/status.py" />
      <source>This conversation uses {used} of the model's {total} tokens of context; {reused} of them are cached and need not be read again.</source>
      <translation>Diese Unterhaltung nimmt {used} der {total} Token Kontext des Modells ein; {reused} davon sind zwischengespeichert und werden nicht noch einmal gelesen.</translation>
    </message>
    <message>
      <location filename="app/ui/look/status.py" />
      <source>{plan} (about {n} tokens, {time})</source>
      <translation>{plan} (etwa {n} Token, {time})</translation>
    </message>
    <message>
      <location filename="app/ui/look/status.py" />
      <source>about {time} left</source>
      <translation>noch etwa {time}</translation>
    </message>
    <message>
      <location filename="app/ui/look/status.py" />
      <source>Estimating size and time…</source>
      <translation>Umfang und Dauer werden geschätzt…</translation>
    </message>
    <message>
      <location filename="app/ui/look/status.py" />
      <source>Choose an option below to continue.</source>
      <translation>Wählen Sie unten, wie es weitergeht.</translation>
    </message>
    <message>
      <location filename="app/ui/look/status.py" />
      <source>{n} tokens read</source>
      <translation>{n} Token gelesen</translation>
    </message>
    <message>
      <location filename="app/ui/look/status.py" />
      <source>{n} written</source>
      <translation>{n} geschrieben</translation>
    </message>
    <message>
      <location filename="app/ui/look/status.py" />
      <source>Loading the model…</source>
      <translation>Das Modell wird geladen…</translation>
    </message>
    <message>
      <location filename="app/ui/look/status.py" />
      <source>Model could not be loaded</source>
      <translation>Das Modell konnte nicht geladen werden</translation>
    </message>
    <message>
      <location filename="app/ui/look/status.py" />
      <source>{n} B parameters</source>
      <translation>{n} Mrd. Parameter</translation>
    </message>
    <message>
      <location filename="app/ui/look/status.py" />
      <source>on {device}</source>
      <translation>auf {device}</translation>
    </message>
    <message>
      <location filename="app/ui/look/status.py" />
      <source>context of {n} tokens</source>
      <translation>Kontext von {n} Token</translation>
    </message>
    <message>
      <location filename="app/ui/look/status.py" />
      <source>{plan} (about {n} tokens)</source>
      <translation>{plan} (etwa {n} Token)</translation>
    </message>
    <message>
      <location filename="app/ui/look/status.py" />
      <source>Listening: {done} of {total} pieces</source>
      <translation>Ton wird gehört: {done} von {total} Abschnitten</translation>
    </message>
    <message>
      <location filename="app/ui/look/status.py" />
      <source>Looking at pictures: {done} of {total}</source>
      <translation>Bilder werden angesehen: {done} von {total}</translation>
    </message>
    <message>
      <location filename="app/ui/look/status.py" />
      <source>Queued: waiting for the model to load.</source>
      <translation>Eingereiht: wartet, bis das Modell geladen ist.</translation>
    </message>
    <message>
      <location filename="app/ui/look/status.py" />
      <source>Queued: waiting for the files to be read.</source>
      <translation>Eingereiht: wartet, bis die Dateien gelesen sind.</translation>
    </message>
    <message>
      <location filename="app/ui/look/status.py" />
      <source>Queued: waiting for this answer to finish.</source>
      <translation>Eingereiht: wartet, bis diese Antwort fertig ist.</translation>
    </message>
    <message>
      <location filename="app/ui/look/status.py" />
      <source>Queued: waiting for the other conversation’s answer to finish.</source>
      <translation>Eingereiht: wartet, bis die Antwort der anderen Unterhaltung fertig ist.</translation>
    </message>
    <message>
      <location filename="app/ui/look/status.py" />
      <source>Queued: next in line.</source>
      <translation>Eingereiht: kommt als Nächstes dran.</translation>
    </message>
    <message>
      <location filename="app/ui/look/status.py" />
      <source>{n} reused</source>
      <translation>{n} wiederbenutzt</translation>
    </message>
    <message>
      <location filename="app/ui/look/status.py" />
      <source>{n} tokens/s</source>
      <translation>{n} Token/s</translation>
    </message>
    <message>
      <location filename="app/ui/look/status.py" />
      <source>first word in under 1 s</source>
      <translation>erstes Wort in unter 1 s</translation>
    </message>
    <message>
      <location filename="app/ui/look/status.py" />
      <source>Loading the model… {percent} %</source>
      <translation>Das Modell wird geladen… {percent} %</translation>
    </message>
    <message>
      <location filename="app/ui/look/status.py" />
      <source>with a drafter</source>
      <translation>mit Vorschlagsmodell</translation>
    </message>
    <message>
      <location filename="app/ui/look/status.py" />
      <source>text only</source>
      <translation>nur Text</translation>
    </message>
    <message>
      <location filename="app/ui/look/status.py" />
      <source>Reading: {done} of {total} tokens, {reused} reused</source>
      <translation>Wird gelesen: {done} von {total} Token, {reused} wiederbenutzt</translation>
    </message>
    <message>
      <location filename="app/ui/look/status.py" />
      <source>Reading: {done} of {total} tokens</source>
      <translation>Wird gelesen: {done} von {total} Token</translation>
    </message>
    <message>
      <location filename="app/ui/look/status.py" />
      <source>Thinking…</source>
      <translation>Denkt nach…</translation>
    </message>
    <message>
      <location filename="app/ui/look/status.py" />
      <source>Preparing…</source>
      <translation>Wird vorbereitet…</translation>
    </message>
    <message>
      <location filename="app/ui/look/status.py" />
      <source>first word after {time}</source>
      <translation>erstes Wort nach {time}</translation>
    </message>
    <message>
      <location filename="app/ui/look/widgets.py" />
      <source>Copied</source>
      <translation>Kopiert</translation>
    </message>
    <message>
      <location filename="app/ui/look/widgets.py" />
      <source>Message</source>
      <translation>Meldung</translation>
    </message>
    <message>
      <location filename="app/ui/look/widgets.py" />
      <source>Dismiss this message</source>
      <translation>Diese Meldung schließen</translation>
    </message>
    <message>
      <location filename="app/ui/look/widgets.py" />
      <source>Copy this message</source>
      <translation>Diese Meldung kopieren</translation>
    </message>
    <message>
      <location filename="app/ui/models/adapter_list.py" />
      <source>Adapters</source>
      <translation>Adapter</translation>
    </message>
    <message>
      <location filename="app/ui/models/adapter_list.py" />
      <source>Adapters (LoRA) for this model. Ticked ones are applied together.</source>
      <translation>Adapter (LoRA) für dieses Modell. Die angekreuzten werden zusammen angewendet.</translation>
    </message>
    <message>
      <location filename="app/ui/models/connection_strip.py" />
      <source>Progress of the download</source>
      <translation>Fortschritt des Herunterladens</translation>
    </message>
    <message>
      <location filename="app/ui/models/connection_strip.py" />
      <source>Stop the download</source>
      <translation>Herunterladen anhalten</translation>
    </message>
    <message>
      <location filename="app/ui/models/connection_strip.py" />
      <source>Connected to {host}, downloading {name}</source>
      <translation>Mit {host} verbunden, {name} wird heruntergeladen</translation>
    </message>
    <message>
      <location filename="app/ui/models/control.py" />
      <source>The model folders could not be checked: {error}</source>
      <translation>Die Modellordner konnten nicht geprüft werden: {error}</translation>
    </message>
    <message>
      <location filename="app/ui/models/control.py" />
      <source>{name} has been downloaded; choose it in the model menu.</source>
      <translation>{name} wurde heruntergeladen; wählen Sie es im Modellmenü.</translation>
    </message>
    <message>
      <location filename="app/ui/models/dialog.py" />
      <source>as published</source>
      <translation>wie veröffentlicht</translation>
    </message>
    <message>
      <location filename="app/ui/models/dialog.py" />
      <source>4-bit, ready</source>
      <translation>4 Bit, bereit</translation>
    </message>
    <message>
      <location filename="app/ui/models/dialog.py" />
      <source>sample</source>
      <translation>Beispiel</translation>
    </message>
    <message>
      <location filename="app/ui/models/dialog.py" />
      <source>GGUF, not imported yet</source>
      <translation>GGUF, noch nicht importiert</translation>
    </message>
    <message>
      <location filename="app/ui/models/dialog.py" />
      <source>Lectern also looks in {folder} and beside the program.</source>
      <translation>Lectern sucht auch in {folder} und neben dem Programm.</translation>
    </message>
    <message>
      <location filename="app/ui/models/dialog.py" />
      <source>Models</source>
      <translation>Modelle</translation>
    </message>
    <message>
      <location filename="app/ui/models/dialog.py" />
      <source>Context length for the estimate</source>
      <translation>Kontextlänge für die Schätzung</translation>
    </message>
    <message>
      <location filename="app/ui/models/dialog.py" />
      <source>Use this model</source>
      <translation>Dieses Modell benutzen</translation>
    </message>
    <message>
      <location filename="app/ui/models/dialog.py" />
      <source>Quantise to 4-bit now</source>
      <translation>Jetzt auf 4 Bit quantisieren</translation>
    </message>
    <message>
      <location filename="app/ui/models/dialog.py" />
      <source>Remove…</source>
      <translation>Entfernen…</translation>
    </message>
    <message>
      <location filename="app/ui/models/dialog.py" />
      <source>Add a folder…</source>
      <translation>Ordner hinzufügen…</translation>
    </message>
    <message>
      <location filename="app/ui/models/dialog.py" />
      <source>Import from a USB drive…</source>
      <translation>Von einem USB-Stick importieren…</translation>
    </message>
    <message>
      <location filename="app/ui/models/dialog.py" />
      <source>Import a GGUF file…</source>
      <translation>GGUF-Datei importieren…</translation>
    </message>
    <message>
      <location filename="app/ui/models/dialog.py" />
      <source>Model progress</source>
      <translation>Fortschritt beim Modell</translation>
    </message>
    <message>
      <location filename="app/ui/models/dialog.py" />
      <source>Add a folder with a model or an adapter</source>
      <translation>Einen Ordner mit einem Modell oder einem Adapter hinzufügen</translation>
    </message>
    <message>
      <location filename="app/ui/models/dialog.py" />
      <source>Import a model folder from a USB drive</source>
      <translation>Modellordner von einem USB-Stick importieren</translation>
    </message>
    <message>
      <location filename="app/ui/models/dialog.py" />
      <source>Import a GGUF file</source>
      <translation>GGUF-Datei importieren</translation>
    </message>
    <message>
      <location filename="app/ui/models/dialog.py" />
      <source>Starting…</source>
      <translation>Beginnt…</translation>
    </message>
    <message>
      <location filename="app/ui/models/dialog.py" />
      <source>Delete {name} from this machine?</source>
      <translation>{name} von diesem Rechner löschen?</translation>
    </message>
    <message>
      <location filename="app/ui/models/dialog.py" />
      <source>This frees {size}. To restore the model, you need the original copy.</source>
      <translation>Damit werden {size} frei. Zum Wiederherstellen brauchen Sie die ursprüngliche Kopie des Modells.</translation>
    </message>
    <message>
      <location filename="app/ui/models/dialog.py" />
      <source>Deleting…</source>
      <translation>Wird gelöscht…</translation>
    </message>
    <message>
      <location filename="app/ui/models/dialog.py" />
      <source>Working…</source>
      <translation>Arbeitet…</translation>
    </message>
    <message>
      <location filename="app/ui/models/dialog.py" />
      <source>Model</source>
      <translation>Modell</translation>
    </message>
    <message>
      <location filename="app/ui/models/dialog.py" />
      <source>Format</source>
      <translation>Format</translation>
    </message>
    <message>
      <location filename="app/ui/models/dialog.py" />
      <source>Size</source>
      <translation>Größe</translation>
    </message>
    <message>
      <location filename="app/ui/models/dialog.py" />
      <source>On this machine</source>
      <translation>Auf diesem Rechner</translation>
    </message>
    <message>
      <location filename="app/ui/models/dialog.py" />
      <source>{tokens} tokens of context</source>
      <translation>{tokens} Token Kontext</translation>
    </message>
    <message>
      <location filename="app/ui/models/dialog.py" />
      <source>Models on this machine</source>
      <translation>Modelle auf diesem Rechner</translation>
    </message>
    <message>
      <location filename="app/ui/models/dialog.py" />
      <source>Lectern is already working on a model; wait until that is done.</source>
      <translation>An einem Modell wird bereits gearbeitet; warten Sie, bis das fertig ist.</translation>
    </message>
    <message>
      <location filename="app/ui/models/dialog.py" />
      <source>This model is loaded; switch to another one first.</source>
      <translation>Dieses Modell ist geladen; wechseln Sie zuerst zu einem anderen.</translation>
    </message>
    <message>
      <location filename="app/ui/models/dialog.py" />
      <source>{name}  (loaded)</source>
      <translation>{name}  (geladen)</translation>
    </message>
    <message>
      <location filename="app/ui/models/dialog.py" />
      <source>Models in GGUF</source>
      <translation>Modelle in GGUF</translation>
    </message>
    <message>
      <location filename="app/ui/models/dialog.py" />
      <source>All files</source>
      <translation>Alle Dateien</translation>
    </message>
    <message>
      <location filename="app/ui/models/get_dialog.py" />
      <source>“Download” connects to {host} and gets the model's files; the connection ends when they are complete or when you stop it. Lectern sends none of your data, and connects to nothing else.</source>
      <translation>„Herunterladen“ stellt eine Verbindung mit {host} her und holt die Dateien des Modells; sie endet, wenn die Dateien vollständig sind oder Sie anhalten. Lectern sendet nichts von Ihnen und verbindet sich mit nichts anderem.</translation>
    </message>
    <message>
      <location filename="app/ui/models/get_dialog.py" />
      <source>{download} to download, {memory} of memory while it answers.</source>
      <translation>{download} herunterzuladen, {memory} Arbeitsspeicher, während es antwortet.</translation>
    </message>
    <message>
      <location filename="app/ui/models/get_dialog.py" />
      <source>Get Gemma 4</source>
      <translation>Gemma 4 holen</translation>
    </message>
    <message>
      <location filename="app/ui/models/get_dialog.py" />
      <source>Download</source>
      <translation>Herunterladen</translation>
    </message>
    <message>
      <location filename="app/ui/models/get_dialog.py" />
      <source>{name} (recommended)</source>
      <translation>{name} (empfohlen)</translation>
    </message>
    <message>
      <location filename="app/ui/models/get_dialog.py" />
      <source>Which Gemma 4 suits this machine</source>
      <translation>Welches Gemma 4 zu diesem Rechner passt</translation>
    </message>
    <message>
      <location filename="app/ui/models/get_dialog.py" />
      <source>This machine could not be examined: {error}</source>
      <translation>Dieser Rechner konnte nicht untersucht werden: {error}</translation>
    </message>
    <message>
      <location filename="app/ui/models/languages.py" />
      <source>For another language, put its Tesseract file (….traineddata) there and read the file again.</source>
      <translation>Für eine weitere Sprache deren Tesseract-Datei (….traineddata) dort ablegen und die Datei noch einmal lesen.</translation>
    </message>
    <message>
      <location filename="app/ui/models/languages.py" />
      <source>Open their folder</source>
      <translation>Ihren Ordner öffnen</translation>
    </message>
    <message>
      <location filename="app/ui/models/languages.py" />
      <source>Read in: {names}</source>
      <translation>Gelesen wird auf: {names}</translation>
    </message>
    <message>
      <location filename="app/ui/models/languages.py" />
      <source>The folder could not be opened: {folder}</source>
      <translation>Der Ordner konnte nicht geöffnet werden: {folder}</translation>
    </message>
    <message>
      <location filename="app/ui/models/languages.py" />
      <source>none</source>
      <translation>keine</translation>
    </message>
    <message>
      <location filename="app/ui/models/leaving_mark.py" />
      <source>Use a model on this machine…</source>
      <translation>Ein Modell auf diesem Rechner verwenden…</translation>
    </message>
    <message>
      <location filename="app/ui/models/leaving_mark.py" />
      <source>Leaves this machine: {host}</source>
      <translation>Verlässt diesen Rechner: {host}</translation>
    </message>
    <message>
      <location filename="app/ui/models/leaving_mark.py" />
      <source>Another program on this machine answers: {host}</source>
      <translation>Ein anderes Programm auf diesem Rechner antwortet: {host}</translation>
    </message>
    <message>
      <location filename="app/ui/models/server_dialog.py" />
      <source>A server with OpenAI's API, such as vLLM, SGLang, llama.cpp, LM Studio, Ollama or another Lectern, answers instead of a model on this machine. Your questions and the contents of your files are sent to it.</source>
      <translation>Ein Server mit der Schnittstelle von OpenAI, etwa vLLM, SGLang, llama.cpp, LM Studio, Ollama oder ein anderes Lectern, antwortet anstelle eines Modells auf diesem Rechner. Ihre Fragen und der Inhalt Ihrer Dateien werden an ihn gesendet.</translation>
    </message>
    <message>
      <location filename="app/ui/models/server_dialog.py" />
      <source>Use a server</source>
      <translation>Server verwenden</translation>
    </message>
    <message>
      <location filename="app/ui/models/server_dialog.py" />
      <source>Connect</source>
      <translation>Verbinden</translation>
    </message>
    <message>
      <location filename="app/ui/models/server_dialog.py" />
      <source>Delete the stored key</source>
      <translation>Gespeicherten Schlüssel löschen</translation>
    </message>
    <message>
      <location filename="app/ui/models/server_dialog.py" />
      <source>if it asks for one</source>
      <translation>falls er einen verlangt</translation>
    </message>
    <message>
      <location filename="app/ui/models/server_dialog.py" />
      <source>A model on a server</source>
      <translation>Ein Modell auf einem Server</translation>
    </message>
    <message>
      <location filename="app/ui/models/server_dialog.py" />
      <source>Key</source>
      <translation>Schlüssel</translation>
    </message>
    <message>
      <location filename="app/ui/models/server_dialog.py" />
      <source>The key is stored in the system's keyring.</source>
      <translation>Der Schlüssel wird im Schlüsselbund des Systems gespeichert.</translation>
    </message>
    <message>
      <location filename="app/ui/models/server_dialog.py" />
      <source>The key has been deleted; the server is not used again unless you choose it.</source>
      <translation>Der Schlüssel wurde gelöscht; der Server wird erst wieder verwendet, wenn Sie ihn wählen.</translation>
    </message>
    <message>
      <location filename="app/ui/models/server_dialog.py" />
      <source>The server has no models; load one there first.</source>
      <translation>Der Server hat keine Modelle; laden Sie dort zuerst eines.</translation>
    </message>
    <message>
      <location filename="app/ui/models/server_dialog.py" />
      <source>What is sent to {host} is not encrypted: others on the network can read it.</source>
      <translation>Was an {host} gesendet wird, ist nicht verschlüsselt: Andere im Netz können es lesen.</translation>
    </message>
    <message>
      <location filename="app/ui/models/server_dialog.py" />
      <source>The server did not answer as expected.</source>
      <translation>Der Server hat nicht wie erwartet geantwortet.</translation>
    </message>
    <message>
      <location filename="app/ui/models/server_dialog.py" />
      <source>Your questions and the contents of your files will leave this machine: {host}</source>
      <translation>Ihre Fragen und der Inhalt Ihrer Dateien verlassen diesen Rechner: {host}</translation>
    </message>
    <message>
      <location filename="app/ui/models/settings_dialog.py" />
      <source> tokens</source>
      <translation> Token</translation>
    </message>
    <message>
      <location filename="app/ui/models/settings_dialog.py" />
      <source>A second model, which hears. It makes transcripts when the open model does not hear.</source>
      <translation>Ein zweites Modell, das hört. Es macht Mitschriften, wenn das geöffnete Modell nicht hört.</translation>
    </message>
    <message>
      <location filename="app/ui/models/settings_dialog.py" />
      <source>Set 0 GB to keep nothing on disk. Takes effect when the model is next loaded.</source>
      <translation>Mit 0 GB wird nichts auf der Festplatte behalten. Gilt, sobald das Modell das nächste Mal geladen wird.</translation>
    </message>
    <message>
      <location filename="app/ui/models/settings_dialog.py" />
      <source>A report contains versions and the log, but no file names, texts or questions. Nothing is sent.</source>
      <translation>Ein Bericht enthält Versionen und das Protokoll, aber keine Dateinamen, Texte oder Fragen. Nichts wird gesendet.</translation>
    </message>
    <message>
      <location filename="app/ui/models/settings_dialog.py" />
      <source>Automatic ({size})</source>
      <translation>Automatisch ({size})</translation>
    </message>
    <message>
      <location filename="app/ui/models/settings_dialog.py" />
      <source>{name}: automatic</source>
      <translation>{name}: automatisch</translation>
    </message>
    <message>
      <location filename="app/ui/models/settings_dialog.py" />
      <source>{name} in gigabytes</source>
      <translation>{name} in Gigabyte</translation>
    </message>
    <message>
      <location filename="app/ui/models/settings_dialog.py" />
      <source>Settings</source>
      <translation>Einstellungen</translation>
    </message>
    <message>
      <location filename="app/ui/models/settings_dialog.py" />
      <source>Theme</source>
      <translation>Farben</translation>
    </message>
    <message>
      <location filename="app/ui/models/settings_dialog.py" />
      <source>Language</source>
      <translation>Sprache</translation>
    </message>
    <message>
      <location filename="app/ui/models/settings_dialog.py" />
      <source>{n} %</source>
      <translation>{n} %</translation>
    </message>
    <message>
      <location filename="app/ui/models/settings_dialog.py" />
      <source>Text size</source>
      <translation>Textgröße</translation>
    </message>
    <message>
      <location filename="app/ui/models/settings_dialog.py" />
      <source>Longest answer, in tokens</source>
      <translation>Längste Antwort in Token</translation>
    </message>
    <message>
      <location filename="app/ui/models/settings_dialog.py" />
      <source>Longest thinking, in tokens</source>
      <translation>Längstes Nachdenken in Token</translation>
    </message>
    <message>
      <location filename="app/ui/models/settings_dialog.py" />
      <source>Let the model use tools to look closer, search and jump to times</source>
      <translation>Das Modell darf mit Werkzeugen näher hinsehen, suchen und zu Zeiten springen</translation>
    </message>
    <message>
      <location filename="app/ui/models/settings_dialog.py" />
      <source>Prepare pictures in advance (faster answers, more battery use)</source>
      <translation>Bilder im Voraus vorbereiten (schnellere Antworten, mehr Akkuverbrauch)</translation>
    </message>
    <message>
      <location filename="app/ui/models/settings_dialog.py" />
      <source>No transcription model</source>
      <translation>Kein Modell für Mitschriften</translation>
    </message>
    <message>
      <location filename="app/ui/models/settings_dialog.py" />
      <source>Memory for documents</source>
      <translation>Speicher für Dokumente</translation>
    </message>
    <message>
      <location filename="app/ui/models/settings_dialog.py" />
      <source>Disk for documents</source>
      <translation>Festplatte für Dokumente</translation>
    </message>
    <message>
      <location filename="app/ui/models/settings_dialog.py" />
      <source>Use half the memory for documents (slightly less precise)</source>
      <translation>Halb so viel Speicher für Dokumente verwenden (etwas ungenauer)</translation>
    </message>
    <message>
      <location filename="app/ui/models/settings_dialog.py" />
      <source>Appearance</source>
      <translation>Aussehen</translation>
    </message>
    <message>
      <location filename="app/ui/models/settings_dialog.py" />
      <source>Answers</source>
      <translation>Antworten</translation>
    </message>
    <message>
      <location filename="app/ui/models/settings_dialog.py" />
      <source>Sound</source>
      <translation>Ton</translation>
    </message>
    <message>
      <location filename="app/ui/models/settings_dialog.py" />
      <source>Document cache</source>
      <translation>Zwischengespeicherte Dokumente</translation>
    </message>
    <message>
      <location filename="app/ui/models/settings_dialog.py" />
      <source>Text in pictures</source>
      <translation>Text in Bildern</translation>
    </message>
    <message>
      <location filename="app/ui/models/settings_dialog.py" />
      <source>Troubleshooting</source>
      <translation>Fehlerbehebung</translation>
    </message>
    <message>
      <location filename="app/ui/models/settings_dialog.py" />
      <source>Save a report…</source>
      <translation>Bericht speichern…</translation>
    </message>
    <message>
      <location filename="app/ui/models/settings_dialog.py" />
      <source>Transcription model: {name}</source>
      <translation>Modell für Mitschriften: {name}</translation>
    </message>
    <message>
      <location filename="app/ui/models/settings_dialog.py" />
      <source>Choose a model that hears</source>
      <translation>Ein Modell wählen, das hört</translation>
    </message>
    <message>
      <location filename="app/ui/models/settings_dialog.py" />
      <source>Same as system</source>
      <translation>Wie das System</translation>
    </message>
    <message>
      <location filename="app/ui/models/settings_dialog.py" />
      <source>Light</source>
      <translation>Hell</translation>
    </message>
    <message>
      <location filename="app/ui/models/settings_dialog.py" />
      <source>Dark</source>
      <translation>Dunkel</translation>
    </message>
    <message>
      <location filename="app/ui/models/settings_dialog.py" />
      <source>Restart Lectern to change the text size or the language.</source>
      <translation>Starten Sie Lectern neu, um die Textgröße oder die Sprache zu wechseln.</translation>
    </message>
    <message>
      <location filename="app/ui/models/settings_dialog.py" />
      <source>Longest answer</source>
      <translation>Längste Antwort</translation>
    </message>
    <message>
      <location filename="app/ui/models/settings_dialog.py" />
      <source>Longest thinking</source>
      <translation>Längstes Nachdenken</translation>
    </message>
    <message>
      <location filename="app/ui/models/settings_dialog.py" />
      <source>Choose a model folder…</source>
      <translation>Modellordner wählen…</translation>
    </message>
    <message>
      <location filename="app/ui/models/settings_dialog.py" />
      <source>Transcription model</source>
      <translation>Modell für Mitschriften</translation>
    </message>
    <message>
      <location filename="app/ui/notices/extract_offer.py" />
      <source>A single answer may miss items.</source>
      <translation>Eine einzelne Antwort kann etwas auslassen.</translation>
    </message>
    <message>
      <location filename="app/ui/notices/extract_offer.py" />
      <source>Check every page…</source>
      <translation>Jede Seite prüfen…</translation>
    </message>
    <message>
      <location filename="app/ui/notices/extract_offer.py" />
      <source>Asks about each page in turn and makes a table that gives the page of every row.</source>
      <translation>Fragt eine Seite nach der anderen ab und erstellt eine Tabelle mit der Seite jeder Zeile.</translation>
    </message>
    <message>
      <location filename="app/ui/notices/strips.py" />
      <source>Progress of loading the model</source>
      <translation>Fortschritt beim Laden des Modells</translation>
    </message>
    <message>
      <location filename="app/ui/notices/strips.py" />
      <source>Cancel loading the model</source>
      <translation>Das Laden des Modells abbrechen</translation>
    </message>
    <message>
      <location filename="app/ui/notices/strips.py" />
      <source>Get Gemma 4…</source>
      <translation>Gemma 4 holen…</translation>
    </message>
    <message>
      <location filename="app/ui/notices/strips.py" />
      <source>Sample model. {note}</source>
      <translation>Beispielmodell. {note}</translation>
    </message>
    <message numerus="yes">
      <location filename="app/ui/notices/strips.py" />
      <source>({n} earlier messages)</source>
      <extracomment>({n} earlier message)</extracomment>
      <translation>
        <numerusform>({n} frühere Nachricht)</numerusform>
        <numerusform>({n} frühere Nachrichten)</numerusform>
      </translation>
    </message>
    <message>
      <location filename="app/ui/notices/stuck.py" />
      <source>The model has not responded for several minutes. You can wait, or restart it, which ends the current answer. Your conversation is saved. If that does not help, close Lectern and open it again.</source>
      <translation>Das Modell hat seit mehreren Minuten nicht reagiert. Sie können warten oder es neu starten; die laufende Antwort endet dann. Ihre Unterhaltung ist gespeichert. Hilft das nicht, schließen Sie Lectern, und öffnen Sie es wieder.</translation>
    </message>
    <message>
      <location filename="app/ui/notices/stuck.py" />
      <source>Wait</source>
      <translation>Warten</translation>
    </message>
    <message>
      <location filename="app/ui/notices/stuck.py" />
      <source>Restart the model</source>
      <translation>Modell neu starten</translation>
    </message>
    <message>
      <location filename="app/ui/notices/undo.py" />
      <source>Undo</source>
      <translation>Rückgängig</translation>
    </message>
    <message>
      <location filename="app/ui/notices/undo.py" />
      <source>Undo (Ctrl+Z)</source>
      <translation>Rückgängig (Strg+Z)</translation>
    </message>
    <message>
      <location filename="app/ui/notices/undo.py" />
      <source>Undo: {what}</source>
      <translation>Rückgängig: {what}</translation>
    </message>
    <message>
      <location filename="app/ui/scenes/list.py" />
      <source>{start} to {end}</source>
      <translation>{start} bis {end}</translation>
    </message>
    <message>
      <location filename="app/ui/scenes/list.py" />
      <source>Scenes</source>
      <translation>Szenen</translation>
    </message>
    <message>
      <location filename="app/ui/scenes/list.py" />
      <source>current</source>
      <translation>aktuell</translation>
    </message>
    <message>
      <location filename="app/ui/scenes/panel.py" />
      <source>Progress of the scenes</source>
      <translation>Fortschritt der Szenen</translation>
    </message>
    <message>
      <location filename="app/ui/scenes/panel.py" />
      <source>Continue</source>
      <translation>Weiter</translation>
    </message>
    <message>
      <location filename="app/ui/scenes/panel.py" />
      <source>Export the scenes</source>
      <translation>Szenen exportieren</translation>
    </message>
    <message>
      <location filename="app/ui/scenes/panel.py" />
      <source>Close the scenes</source>
      <translation>Szenen schließen</translation>
    </message>
    <message>
      <location filename="app/ui/scenes/panel.py" />
      <source>Markdown with pictures…</source>
      <translation>Markdown mit Bildern…</translation>
    </message>
    <message>
      <location filename="app/ui/scenes/panel.py" />
      <source>WebVTT chapters…</source>
      <translation>WebVTT-Kapitel…</translation>
    </message>
    <message>
      <location filename="app/ui/scenes/panel.py" />
      <source>JSON…</source>
      <translation>JSON…</translation>
    </message>
    <message>
      <location filename="app/ui/scenes/panel.py" />
      <source>Find the scenes</source>
      <translation>Szenen finden</translation>
    </message>
    <message>
      <location filename="app/ui/scenes/panel.py" />
      <source>Continue describing</source>
      <translation>Weiter beschreiben</translation>
    </message>
    <message>
      <location filename="app/ui/scenes/work.py" />
      <source>Taking frames: {done} of {total}</source>
      <translation>Einzelbilder werden entnommen: {done} von {total}</translation>
    </message>
    <message>
      <location filename="app/ui/scenes/work.py" />
      <source>Scanning: {done} of {total}</source>
      <translation>Wird durchgesehen: {done} von {total}</translation>
    </message>
    <message>
      <location filename="app/ui/scenes/work.py" />
      <source>Describing the whole video</source>
      <translation>Beschreibt das ganze Video</translation>
    </message>
    <message>
      <location filename="app/ui/scenes/work.py" />
      <source>Describing scene {done} of {total}</source>
      <translation>Szene {done} von {total} wird beschrieben</translation>
    </message>
    <message>
      <location filename="app/ui/scenes/work.py" />
      <source>Load a model to have the scenes described.</source>
      <translation>Laden Sie ein Modell, um die Szenen beschreiben zu lassen.</translation>
    </message>
    <message>
      <location filename="app/ui/scenes/work.py" />
      <source>The model started repeating itself in a description, so the description was stopped.</source>
      <translation>Das Modell begann sich in einer Beschreibung zu wiederholen; sie wurde an dieser Stelle beendet.</translation>
    </message>
    <message>
      <location filename="app/ui/transcript/offer.py" />
      <source>The open model does not hear; choose one that does, or set a transcription model in the settings.</source>
      <translation>Das geöffnete Modell hört nicht; wählen Sie eines, das hört, oder in den Einstellungen ein Modell für Mitschriften.</translation>
    </message>
    <message>
      <location filename="app/ui/transcript/offer.py" />
      <source>Progress of the transcript</source>
      <translation>Fortschritt der Mitschrift</translation>
    </message>
    <message>
      <location filename="app/ui/transcript/offer.py" />
      <source>Transcribe</source>
      <translation>Mitschreiben</translation>
    </message>
    <message>
      <location filename="app/ui/transcript/offer.py" />
      <source>Write down what is said, with times.</source>
      <translation>Aufschreiben, was gesagt wird, mit Zeiten.</translation>
    </message>
    <message>
      <location filename="app/ui/transcript/work.py" />
      <source>The transcription model does not hear; choose another one in the settings.</source>
      <translation>Das Modell für Mitschriften hört nicht; wählen Sie in den Einstellungen ein anderes.</translation>
    </message>
    <message>
      <location filename="app/ui/transcript/work.py" />
      <source>Queued</source>
      <translation>In der Warteschlange</translation>
    </message>
    <message>
      <location filename="app/ui/transcript/work.py" />
      <source>Transcribing: {done} of {total}</source>
      <translation>Mitschrift: {done} von {total}</translation>
    </message>
    <message>
      <location filename="app/ui/viewer/context_menu.py" />
      <source>Look closer at a region…</source>
      <translation>Einen Ausschnitt genauer ansehen…</translation>
    </message>
    <message>
      <location filename="app/ui/viewer/context_menu.py" />
      <source>Quote in the question</source>
      <translation>In der Frage zitieren</translation>
    </message>
    <message>
      <location filename="app/ui/viewer/context_menu.py" />
      <source>Look closer at the selection</source>
      <translation>Auswahl genauer ansehen</translation>
    </message>
    <message>
      <location filename="app/ui/viewer/context_menu.py" />
      <source>Select all text of page {number}</source>
      <translation>Den ganzen Text von Seite {number} auswählen</translation>
    </message>
    <message>
      <location filename="app/ui/viewer/context_menu.py" />
      <source>Select all text</source>
      <translation>Den ganzen Text auswählen</translation>
    </message>
    <message>
      <location filename="app/ui/viewer/context_menu.py" />
      <source>Look closer at page {number}</source>
      <translation>Seite {number} genauer ansehen</translation>
    </message>
    <message>
      <location filename="app/ui/viewer/context_menu.py" />
      <source>Look closer at the picture</source>
      <translation>Das Bild genauer ansehen</translation>
    </message>
    <message>
      <location filename="app/ui/viewer/context_menu.py" />
      <source>Copy page {number} as a picture</source>
      <translation>Seite {number} als Bild kopieren</translation>
    </message>
    <message>
      <location filename="app/ui/viewer/context_menu.py" />
      <source>Save page {number} as a picture…</source>
      <translation>Seite {number} als Bild speichern…</translation>
    </message>
    <message>
      <location filename="app/ui/viewer/context_menu.py" />
      <source>Copy the picture</source>
      <translation>Das Bild kopieren</translation>
    </message>
    <message>
      <location filename="app/ui/viewer/context_menu.py" />
      <source>Save the picture…</source>
      <translation>Das Bild speichern…</translation>
    </message>
    <message>
      <location filename="app/ui/viewer/context_menu.py" />
      <source>Save as searchable PDF…</source>
      <translation>Als durchsuchbares PDF speichern…</translation>
    </message>
    <message>
      <location filename="app/ui/viewer/context_menu.py" />
      <source>Redraw page {number}</source>
      <translation>Seite {number} neu zeichnen</translation>
    </message>
    <message>
      <location filename="app/ui/viewer/context_menu.py" />
      <source>Remove highlights</source>
      <translation>Markierungen entfernen</translation>
    </message>
    <message>
      <location filename="app/ui/viewer/find_bar.py" />
      <source>Find in this document</source>
      <translation>In diesem Dokument suchen</translation>
    </message>
    <message>
      <location filename="app/ui/viewer/find_bar.py" />
      <source>Number of matches</source>
      <translation>Zahl der Treffer</translation>
    </message>
    <message>
      <location filename="app/ui/viewer/find_bar.py" />
      <source>Previous match</source>
      <translation>Voriger Treffer</translation>
    </message>
    <message>
      <location filename="app/ui/viewer/find_bar.py" />
      <source>Next match</source>
      <translation>Nächster Treffer</translation>
    </message>
    <message>
      <location filename="app/ui/viewer/find_bar.py" />
      <source>Close the search</source>
      <translation>Suche schließen</translation>
    </message>
    <message>
      <location filename="app/ui/viewer/find_bar.py" />
      <source>{position} of {count}</source>
      <translation>{position} von {count}</translation>
    </message>
    <message>
      <location filename="app/ui/viewer/find_bar.py" />
      <source>Searching…</source>
      <translation>Sucht…</translation>
    </message>
    <message>
      <location filename="app/ui/viewer/naming.py" />
      <source>{name}, part of page {page}</source>
      <translation>{name}, Teil von Seite {page}</translation>
    </message>
    <message>
      <location filename="app/ui/viewer/naming.py" />
      <source>{name}, part at {time}</source>
      <translation>{name}, Teil bei {time}</translation>
    </message>
    <message>
      <location filename="app/ui/viewer/naming.py" />
      <source>{name}, part</source>
      <translation>{name}, Teil</translation>
    </message>
    <message>
      <location filename="app/ui/viewer/page_pictures.py" />
      <source>The file is no longer shown; choose the region again.</source>
      <translation>Die Datei wird nicht mehr gezeigt; wählen Sie den Ausschnitt noch einmal.</translation>
    </message>
    <message>
      <location filename="app/ui/viewer/pages/pdf_view.py" />
      <source>Page {number} of {total}</source>
      <translation>Seite {number} von {total}</translation>
    </message>
    <message>
      <location filename="app/ui/viewer/pages/pdf_view.py" />
      <source>Pages of the document</source>
      <translation>Seiten des Dokuments</translation>
    </message>
    <message>
      <location filename="app/ui/viewer/pages/pdf_view.py" />
      <source>This page has no text.</source>
      <translation>Diese Seite hat keinen Text.</translation>
    </message>
    <message>
      <location filename="app/ui/viewer/pages/thumbnails.py" />
      <source>List of pages</source>
      <translation>Liste der Seiten</translation>
    </message>
    <message>
      <location filename="app/ui/viewer/pages/tiled_view.py" />
      <source>This page could not be drawn.</source>
      <translation>Diese Seite konnte nicht gezeichnet werden.</translation>
    </message>
    <message>
      <location filename="app/ui/viewer/pane.py" />
      <source>Only the first {shown} of {total} pages are shown.</source>
      <translation>Nur die ersten {shown} von {total} Seiten werden gezeigt.</translation>
    </message>
    <message>
      <location filename="app/ui/viewer/parts.py" />
      <source>Try again</source>
      <translation>Noch einmal versuchen</translation>
    </message>
    <message>
      <location filename="app/ui/viewer/parts.py" />
      <source>Choose a file to see it here.</source>
      <translation>Wählen Sie eine Datei, um sie hier zu sehen.</translation>
    </message>
    <message>
      <location filename="app/ui/viewer/parts.py" />
      <source>Viewer</source>
      <translation>Betrachter</translation>
    </message>
    <message>
      <location filename="app/ui/viewer/pictures.py" />
      <source>Save as a picture</source>
      <translation>Als Bild speichern</translation>
    </message>
    <message>
      <location filename="app/ui/viewer/pictures.py" />
      <source>Pictures (*.png)</source>
      <translation>Bilder (*.png)</translation>
    </message>
    <message>
      <location filename="app/ui/viewer/pictures.py" />
      <source>The picture could not be saved as {name}: {why}.</source>
      <translation>Das Bild konnte nicht als {name} gespeichert werden: {why}.</translation>
    </message>
    <message>
      <location filename="app/ui/viewer/player/controls.py" />
      <source>Play</source>
      <translation>Abspielen</translation>
    </message>
    <message>
      <location filename="app/ui/viewer/player/controls.py" />
      <source>Previous frame</source>
      <translation>Voriges Einzelbild</translation>
    </message>
    <message>
      <location filename="app/ui/viewer/player/controls.py" />
      <source>Next frame</source>
      <translation>Nächstes Einzelbild</translation>
    </message>
    <message>
      <location filename="app/ui/viewer/player/controls.py" />
      <source>Time</source>
      <translation>Zeit</translation>
    </message>
    <message>
      <location filename="app/ui/viewer/player/controls.py" />
      <source>Mute</source>
      <translation>Ton aus</translation>
    </message>
    <message>
      <location filename="app/ui/viewer/player/controls.py" />
      <source>Look closer: choose a region of the picture</source>
      <translation>Genauer ansehen: einen Ausschnitt des Bildes wählen</translation>
    </message>
    <message>
      <location filename="app/ui/viewer/player/controls.py" />
      <source>Copy this frame</source>
      <translation>Dieses Einzelbild kopieren</translation>
    </message>
    <message>
      <location filename="app/ui/viewer/player/controls.py" />
      <source>Save this frame as a picture…</source>
      <translation>Dieses Einzelbild als Bild speichern…</translation>
    </message>
    <message>
      <location filename="app/ui/viewer/player/controls.py" />
      <source>Scenes of this video</source>
      <translation>Szenen dieses Videos</translation>
    </message>
    <message>
      <location filename="app/ui/viewer/player/controls.py" />
      <source>Show the words that are being said</source>
      <translation>Anzeigen, was gerade gesagt wird</translation>
    </message>
    <message>
      <location filename="app/ui/viewer/player/controls.py" />
      <source>Transcript: what is said</source>
      <translation>Mitschrift: was gesagt wird</translation>
    </message>
    <message>
      <location filename="app/ui/viewer/player/controls.py" />
      <source>Speed</source>
      <translation>Tempo</translation>
    </message>
    <message>
      <location filename="app/ui/viewer/player/controls.py" />
      <source>Pause</source>
      <translation>Pause</translation>
    </message>
    <message>
      <location filename="app/ui/viewer/player/controls.py" />
      <source>Unmute</source>
      <translation>Ton an</translation>
    </message>
    <message>
      <location filename="app/ui/viewer/player/timeline.py" />
      <source>Position in the video</source>
      <translation>Stelle im Video</translation>
    </message>
    <message>
      <location filename="app/ui/viewer/recording/view.py" />
      <source>Position in the recording</source>
      <translation>Position in der Aufnahme</translation>
    </message>
    <message>
      <location filename="app/ui/viewer/toolbar.py" />
      <source>Zoom out</source>
      <translation>Verkleinern</translation>
    </message>
    <message>
      <location filename="app/ui/viewer/toolbar.py" />
      <source>Zoom in</source>
      <translation>Vergrößern</translation>
    </message>
    <message>
      <location filename="app/ui/viewer/toolbar.py" />
      <source>Fit page</source>
      <translation>Ganze Seite einpassen</translation>
    </message>
    <message>
      <location filename="app/ui/viewer/toolbar.py" />
      <source>Look closer: choose a region</source>
      <translation>Genauer ansehen: einen Ausschnitt wählen</translation>
    </message>
    <message>
      <location filename="app/ui/viewer/toolbar.py" />
      <source>Close the viewer</source>
      <translation>Den Betrachter schließen</translation>
    </message>
    <message>
      <location filename="app/ui/viewer/toolbar.py" />
      <source>Zoom</source>
      <translation>Vergrößerung</translation>
    </message>
    <message>
      <location filename="app/ui/viewer/toolbar.py" />
      <source>Fit width</source>
      <translation>Auf Breite einpassen</translation>
    </message>
    <message>
      <location filename="app/ui/viewer/toolbar.py" />
      <source>of {total}</source>
      <translation>von {total}</translation>
    </message>
    <message>
      <location filename="app/ui/viewer/transcript/list.py" />
      <source>What is said</source>
      <translation>Gesprochenes</translation>
    </message>
    <message>
      <location filename="app/ui/viewer/transcript/panel.py" />
      <source>Transcript</source>
      <translation>Mitschrift</translation>
    </message>
    <message>
      <location filename="app/ui/viewer/transcript/panel.py" />
      <source>Track</source>
      <translation>Spur</translation>
    </message>
    <message>
      <location filename="app/ui/viewer/transcript/panel.py" />
      <source>Search the transcript</source>
      <translation>Mitschrift durchsuchen</translation>
    </message>
    <message>
      <location filename="app/ui/viewer/transcript/panel.py" />
      <source>Save the transcript</source>
      <translation>Mitschrift speichern</translation>
    </message>
    <message>
      <location filename="app/ui/viewer/transcript/panel.py" />
      <source>Close the transcript</source>
      <translation>Mitschrift schließen</translation>
    </message>
    <message>
      <location filename="app/ui/viewer/transcript/panel.py" />
      <source>Text on frames</source>
      <translation>Text auf Einzelbildern</translation>
    </message>
    <message>
      <location filename="app/ui/viewer/transcript/panel.py" />
      <source>Heard by {model}</source>
      <translation>Gehört von {model}</translation>
    </message>
    <message>
      <location filename="app/ui/viewer/video/canvas.py" />
      <source>Picture of the video</source>
      <translation>Bild des Videos</translation>
    </message>
    <message>
      <location filename="app/ui/viewer/video/export.py" />
      <source>Save this frame</source>
      <translation>Dieses Einzelbild speichern</translation>
    </message>
    <message>
      <location filename="app/ui/viewer/video/export.py" />
      <source>The picture could not be saved as {name}; choose another folder, or a name that ends in .png.</source>
      <translation>Das Bild konnte nicht als {name} gespeichert werden; wählen Sie einen anderen Ordner oder die Endung .png.</translation>
    </message>
    <message>
      <location filename="app/ui/viewer/video/export.py" />
      <source>Pictures (*.png *.jpg)</source>
      <translation>Bilder (*.png *.jpg)</translation>
    </message>
    <message>
      <location filename="app/ui/viewer/video/export.py" />
      <source>This frame cannot be decoded in full size; try the one before it.</source>
      <translation>Dieses Einzelbild lässt sich nicht in voller Größe dekodieren; versuchen Sie das davor.</translation>
    </message>
    <message>
      <location filename="app/ui/viewer/video/view.py" />
      <source>Look closer</source>
      <translation>Genauer ansehen</translation>
    </message>
    <message>
      <location filename="app/ui/window/actions.py" />
      <source>Add files</source>
      <translation>Dateien hinzufügen</translation>
    </message>
    <message>
      <location filename="app/ui/window/actions.py" />
      <source>Add a folder</source>
      <translation>Ordner hinzufügen</translation>
    </message>
    <message>
      <location filename="app/ui/window/actions.py" />
      <source>Choose a model folder</source>
      <translation>Modellordner wählen</translation>
    </message>
    <message>
      <location filename="app/ui/window/actions.py" />
      <source>There is nothing to export yet: ask something first.</source>
      <translation>Es gibt noch nichts zu exportieren: Fragen Sie zuerst etwas.</translation>
    </message>
    <message>
      <location filename="app/ui/window/actions.py" />
      <source>Export the conversation</source>
      <translation>Unterhaltung exportieren</translation>
    </message>
    <message>
      <location filename="app/ui/window/actions.py" />
      <source>Documents, pictures, videos, recordings</source>
      <translation>Dokumente, Bilder, Videos, Aufnahmen</translation>
    </message>
    <message>
      <location filename="app/ui/window/actions.py" />
      <source>There is no log yet.</source>
      <translation>Es gibt noch kein Protokoll.</translation>
    </message>
    <message>
      <location filename="app/ui/window/dialogs.py" />
      <source>Lectern answers questions about your own documents, pictures, videos and recordings with Gemma 4 on this machine. Nothing leaves it, unless you choose a server that answers instead.

Lectern is free software under the GNU Affero General Public License, version 3 or later. It uses Qt for Python (LGPL-3.0), PyMuPDF (AGPL-3.0), PyTorch (BSD-3-Clause), tokenizers (Apache-2.0), bitsandbytes (MIT), PyAV (BSD-3-Clause, with FFmpeg and GPL x264/x265) and Pillow (MIT-CMU). The full texts are in THIRD_PARTY_NOTICES.md beside the app. Gemma 4's weights are under Apache-2.0 and do not come with Lectern.</source>
      <translation>Lectern beantwortet Fragen zu Ihren eigenen Dokumenten, Bildern, Videos und Aufnahmen mit Gemma 4 auf diesem Rechner. Nichts verlässt ihn, es sei denn, Sie lassen einen Server antworten.

Lectern ist freie Software unter der GNU Affero General Public License, Version 3 oder später. Es benutzt Qt for Python (LGPL-3.0), PyMuPDF (AGPL-3.0), PyTorch (BSD-3-Clause), tokenizers (Apache-2.0), bitsandbytes (MIT), PyAV (BSD-3-Clause, mit FFmpeg und GPL x264/x265) und Pillow (MIT-CMU). Die vollen Texte stehen in THIRD_PARTY_NOTICES.md neben dem Programm. Die Gewichte von Gemma 4 stehen unter Apache-2.0 und kommen nicht mit Lectern.</translation>
    </message>
    <message>
      <location filename="app/ui/window/dialogs.py" />
      <source>The model wrote this link; it may be wrong or harmful. It opens in your browser, outside Lectern.</source>
      <translation>Das Modell hat diesen Link geschrieben; er kann falsch oder schädlich sein. Er öffnet sich in Ihrem Browser, außerhalb von Lectern.</translation>
    </message>
    <message>
      <location filename="app/ui/window/dialogs.py" />
      <source>This deletes the cached data of this file from memory and from disk. The file itself is not changed. The next question about it reads it again.</source>
      <translation>Das löscht die zwischengespeicherten Daten dieser Datei aus dem Speicher und von der Festplatte. Die Datei selbst bleibt unverändert. Bei der nächsten Frage dazu wird sie neu gelesen.</translation>
    </message>
    <message>
      <location filename="app/ui/window/dialogs.py" />
      <source>Question</source>
      <translation>Frage</translation>
    </message>
    <message>
      <location filename="app/ui/window/dialogs.py" />
      <source>Lists</source>
      <translation>Listen</translation>
    </message>
    <message>
      <location filename="app/ui/window/dialogs.py" />
      <source>Open this address?</source>
      <translation>Diese Adresse öffnen?</translation>
    </message>
    <message>
      <location filename="app/ui/window/dialogs.py" />
      <source>The whole address</source>
      <translation>Die ganze Adresse</translation>
    </message>
    <message>
      <location filename="app/ui/window/dialogs.py" />
      <source>Open in the browser</source>
      <translation>Im Browser öffnen</translation>
    </message>
    <message>
      <location filename="app/ui/window/dialogs.py" />
      <source>Do not open</source>
      <translation>Nicht öffnen</translation>
    </message>
    <message>
      <location filename="app/ui/window/dialogs.py" />
      <source>Delete cached data?</source>
      <translation>Zwischengespeicherte Daten löschen?</translation>
    </message>
    <message>
      <location filename="app/ui/window/dialogs.py" />
      <source>Shortcuts</source>
      <translation>Tastenkürzel</translation>
    </message>
    <message>
      <location filename="app/ui/window/dialogs.py" />
      <source>About Lectern</source>
      <translation>Über Lectern</translation>
    </message>
    <message>
      <location filename="app/ui/window/dialogs.py" />
      <source>This link leads to {host}</source>
      <translation>Dieser Link führt zu {host}</translation>
    </message>
    <message>
      <location filename="app/ui/window/dialogs.py" />
      <source>Delete cached data for {name}?</source>
      <translation>Zwischengespeicherte Daten von {name} löschen?</translation>
    </message>
    <message>
      <location filename="app/ui/window/dialogs.py" />
      <source>Enter</source>
      <translation>Eingabe</translation>
    </message>
    <message>
      <location filename="app/ui/window/dialogs.py" />
      <source>Ask</source>
      <translation>Fragen</translation>
    </message>
    <message>
      <location filename="app/ui/window/dialogs.py" />
      <source>Shift+Enter</source>
      <translation>Umschalt+Eingabe</translation>
    </message>
    <message>
      <location filename="app/ui/window/dialogs.py" />
      <source>New line</source>
      <translation>Neue Zeile</translation>
    </message>
    <message>
      <location filename="app/ui/window/dialogs.py" />
      <source>Esc</source>
      <translation>Esc</translation>
    </message>
    <message>
      <location filename="app/ui/window/dialogs.py" />
      <source>Stop the answer, or cancel a queued question</source>
      <translation>Die Antwort anhalten oder eine eingereihte Frage zurücknehmen</translation>
    </message>
    <message>
      <location filename="app/ui/window/dialogs.py" />
      <source>Paste a screenshot or copied files</source>
      <translation>Ein Bildschirmfoto oder kopierte Dateien einfügen</translation>
    </message>
    <message>
      <location filename="app/ui/window/dialogs.py" />
      <source>Open the conversation or the file</source>
      <translation>Die Unterhaltung oder die Datei öffnen</translation>
    </message>
    <message>
      <location filename="app/ui/window/dialogs.py" />
      <source>Rename the conversation</source>
      <translation>Die Unterhaltung umbenennen</translation>
    </message>
    <message>
      <location filename="app/ui/window/dialogs.py" />
      <source>Delete the conversation, remove the file</source>
      <translation>Die Unterhaltung löschen, die Datei entfernen</translation>
    </message>
    <message>
      <location filename="app/ui/window/dialogs.py" />
      <source>Menu key</source>
      <translation>Menütaste</translation>
    </message>
    <message>
      <location filename="app/ui/window/dialogs.py" />
      <source>Everything else</source>
      <translation>Alles Weitere</translation>
    </message>
    <message>
      <location filename="app/ui/window/dialogs.py" />
      <source>Zoom in, zoom out</source>
      <translation>Vergrößern, verkleinern</translation>
    </message>
    <message>
      <location filename="app/ui/window/dialogs.py" />
      <source>Space</source>
      <translation>Leertaste</translation>
    </message>
    <message>
      <location filename="app/ui/window/dialogs.py" />
      <source>Play, pause</source>
      <translation>Abspielen, Pause</translation>
    </message>
    <message>
      <location filename="app/ui/window/dialogs.py" />
      <source>Back, forward five seconds</source>
      <translation>Fünf Sekunden zurück, vor</translation>
    </message>
    <message>
      <location filename="app/ui/window/dialogs.py" />
      <source>Previous, next frame</source>
      <translation>Voriges, nächstes Einzelbild</translation>
    </message>
    <message>
      <location filename="app/ui/window/dialogs.py" />
      <source>Page Up · Page Down</source>
      <translation>Bild auf · Bild ab</translation>
    </message>
    <message>
      <location filename="app/ui/window/dialogs.py" />
      <source>Previous, next scene</source>
      <translation>Vorige, nächste Szene</translation>
    </message>
    <message>
      <location filename="app/ui/window/dialogs.py" />
      <source>Loaded: {model}</source>
      <translation>Geladen: {model}</translation>
    </message>
    <message>
      <location filename="app/ui/window/dropping.py" />
      <source>Drop to add to this conversation</source>
      <translation>Loslassen, um es zu dieser Unterhaltung hinzuzufügen</translation>
    </message>
    <message>
      <location filename="app/ui/window/files.py" />
      <source>{name} was removed.</source>
      <translation>{name} wurde entfernt.</translation>
    </message>
    <message numerus="yes">
      <location filename="app/ui/window/files.py" />
      <source>{n} files were removed.</source>
      <extracomment>{n} file was removed.</extracomment>
      <translation>
        <numerusform>{n} Datei wurde entfernt.</numerusform>
        <numerusform>{n} Dateien wurden entfernt.</numerusform>
      </translation>
    </message>
    <message>
      <location filename="app/ui/window/files.py" />
      <source>Lectern does not open web addresses: save the file, then add it.</source>
      <translation>Lectern öffnet keine Webadressen: Speichern Sie die Datei, und fügen Sie sie dann hinzu.</translation>
    </message>
    <message>
      <location filename="app/ui/window/main_window.py" />
      <source>{name} will be included in your next question.</source>
      <translation>{name} wird in Ihre nächste Frage einbezogen.</translation>
    </message>
    <message>
      <location filename="app/ui/window/main_window.py" />
      <source>Only documents can be searched: add or open one first.</source>
      <translation>Nur Dokumente lassen sich durchsuchen: Fügen Sie zuerst eines hinzu oder öffnen Sie eines.</translation>
    </message>
    <message>
      <location filename="app/ui/window/menus.py" />
      <source>&amp;Model</source>
      <translation>&amp;Modell</translation>
    </message>
    <message>
      <location filename="app/ui/window/menus.py" />
      <source>&amp;New conversation</source>
      <translation>&amp;Neue Unterhaltung</translation>
    </message>
    <message>
      <location filename="app/ui/window/menus.py" />
      <source>New conversation with &amp;these files</source>
      <translation>Neue Unterhaltung mit &amp;diesen Dateien</translation>
    </message>
    <message>
      <location filename="app/ui/window/menus.py" />
      <source>New &amp;window</source>
      <translation>Neues &amp;Fenster</translation>
    </message>
    <message>
      <location filename="app/ui/window/menus.py" />
      <source>Add &amp;files…</source>
      <translation>&amp;Dateien hinzufügen…</translation>
    </message>
    <message>
      <location filename="app/ui/window/menus.py" />
      <source>Add a f&amp;older…</source>
      <translation>&amp;Ordner hinzufügen…</translation>
    </message>
    <message>
      <location filename="app/ui/window/menus.py" />
      <source>Re&amp;move all files</source>
      <translation>&amp;Alle Dateien entfernen</translation>
    </message>
    <message>
      <location filename="app/ui/window/menus.py" />
      <source>&amp;Recent files</source>
      <translation>&amp;Zuletzt benutzte Dateien</translation>
    </message>
    <message>
      <location filename="app/ui/window/menus.py" />
      <source>&amp;Export this conversation…</source>
      <translation>Diese Unterhaltung &amp;exportieren…</translation>
    </message>
    <message>
      <location filename="app/ui/window/menus.py" />
      <source>&amp;Save as searchable PDF…</source>
      <translation>Als durchsuchbares PDF &amp;speichern…</translation>
    </message>
    <message>
      <location filename="app/ui/window/menus.py" />
      <source>&amp;Close window</source>
      <translation>Fenster s&amp;chließen</translation>
    </message>
    <message>
      <location filename="app/ui/window/menus.py" />
      <source>&amp;Undo</source>
      <translation>&amp;Rückgängig</translation>
    </message>
    <message>
      <location filename="app/ui/window/menus.py" />
      <source>&amp;Redo</source>
      <translation>&amp;Wiederholen</translation>
    </message>
    <message>
      <location filename="app/ui/window/menus.py" />
      <source>C&amp;ut</source>
      <translation>&amp;Ausschneiden</translation>
    </message>
    <message>
      <location filename="app/ui/window/menus.py" />
      <source>&amp;Paste</source>
      <translation>&amp;Einfügen</translation>
    </message>
    <message>
      <location filename="app/ui/window/menus.py" />
      <source>Select &amp;all</source>
      <translation>Alles aus&amp;wählen</translation>
    </message>
    <message>
      <location filename="app/ui/window/menus.py" />
      <source>Copy the &amp;last answer</source>
      <translation>&amp;Letzte Antwort kopieren</translation>
    </message>
    <message>
      <location filename="app/ui/window/menus.py" />
      <source>&amp;Find in the document…</source>
      <translation>Im Dokument &amp;suchen…</translation>
    </message>
    <message>
      <location filename="app/ui/window/menus.py" />
      <source>&amp;Search conversations</source>
      <translation>Unterhaltungen durch&amp;suchen</translation>
    </message>
    <message>
      <location filename="app/ui/window/menus.py" />
      <source>S&amp;ettings…</source>
      <translation>E&amp;instellungen…</translation>
    </message>
    <message>
      <location filename="app/ui/window/menus.py" />
      <source>&amp;Instructions…</source>
      <translation>&amp;Anweisungen…</translation>
    </message>
    <message>
      <location filename="app/ui/window/menus.py" />
      <source>&amp;Rename</source>
      <translation>&amp;Umbenennen</translation>
    </message>
    <message>
      <location filename="app/ui/window/menus.py" />
      <source>&amp;Delete</source>
      <translation>&amp;Löschen</translation>
    </message>
    <message>
      <location filename="app/ui/window/menus.py" />
      <source>&amp;Previous conversation</source>
      <translation>&amp;Vorige Unterhaltung</translation>
    </message>
    <message>
      <location filename="app/ui/window/menus.py" />
      <source>Ne&amp;xt conversation</source>
      <translation>&amp;Nächste Unterhaltung</translation>
    </message>
    <message>
      <location filename="app/ui/window/menus.py" />
      <source>&amp;Check every page…</source>
      <translation>Jede Seite &amp;prüfen…</translation>
    </message>
    <message>
      <location filename="app/ui/window/menus.py" />
      <source>Co&amp;mpare two documents…</source>
      <translation>Zwei Dokumente &amp;vergleichen…</translation>
    </message>
    <message>
      <location filename="app/ui/window/menus.py" />
      <source>Find the &amp;scenes of the video</source>
      <translation>S&amp;zenen des Videos finden</translation>
    </message>
    <message>
      <location filename="app/ui/window/menus.py" />
      <source>&amp;Figures…</source>
      <translation>Za&amp;hlen…</translation>
    </message>
    <message>
      <location filename="app/ui/window/menus.py" />
      <source>&amp;Choose a model folder…</source>
      <translation>Modellordner &amp;wählen…</translation>
    </message>
    <message>
      <location filename="app/ui/window/menus.py" />
      <source>Use the &amp;sample model</source>
      <translation>&amp;Beispielmodell benutzen</translation>
    </message>
    <message>
      <location filename="app/ui/window/menus.py" />
      <source>&amp;All models…</source>
      <translation>&amp;Alle Modelle…</translation>
    </message>
    <message>
      <location filename="app/ui/window/menus.py" />
      <source>&amp;Conversations and files</source>
      <translation>&amp;Unterhaltungen und Dateien</translation>
    </message>
    <message>
      <location filename="app/ui/window/menus.py" />
      <source>&amp;Viewer</source>
      <translation>&amp;Betrachter</translation>
    </message>
    <message>
      <location filename="app/ui/window/menus.py" />
      <source>&amp;Widen viewer</source>
      <translation>Betrachter &amp;breiter</translation>
    </message>
    <message>
      <location filename="app/ui/window/menus.py" />
      <source>&amp;Narrow viewer</source>
      <translation>Betrachter &amp;schmaler</translation>
    </message>
    <message>
      <location filename="app/ui/window/menus.py" />
      <source>&amp;Go to the question</source>
      <translation>Zur &amp;Frage gehen</translation>
    </message>
    <message>
      <location filename="app/ui/window/menus.py" />
      <source>Go to the ne&amp;xt pane</source>
      <translation>Zum &amp;nächsten Bereich</translation>
    </message>
    <message>
      <location filename="app/ui/window/menus.py" />
      <source>Go to the &amp;previous pane</source>
      <translation>Zum &amp;vorigen Bereich</translation>
    </message>
    <message>
      <location filename="app/ui/window/menus.py" />
      <source>Follow &amp;system colours</source>
      <translation>Farben des &amp;Systems übernehmen</translation>
    </message>
    <message>
      <location filename="app/ui/window/menus.py" />
      <source>&amp;Light</source>
      <translation>&amp;Hell</translation>
    </message>
    <message>
      <location filename="app/ui/window/menus.py" />
      <source>&amp;Dark</source>
      <translation>&amp;Dunkel</translation>
    </message>
    <message>
      <location filename="app/ui/window/menus.py" />
      <source>&amp;Shortcuts</source>
      <translation>&amp;Tastenkürzel</translation>
    </message>
    <message>
      <location filename="app/ui/window/menus.py" />
      <source>Save a &amp;report…</source>
      <translation>&amp;Bericht speichern…</translation>
    </message>
    <message>
      <location filename="app/ui/window/menus.py" />
      <source>Show the &amp;log</source>
      <translation>&amp;Protokoll anzeigen</translation>
    </message>
    <message>
      <location filename="app/ui/window/menus.py" />
      <source>&amp;About Lectern</source>
      <translation>&amp;Über Lectern</translation>
    </message>
    <message>
      <location filename="app/ui/window/menus.py" />
      <source>&amp;File</source>
      <translation>&amp;Datei</translation>
    </message>
    <message>
      <location filename="app/ui/window/menus.py" />
      <source>&amp;Edit</source>
      <translation>&amp;Bearbeiten</translation>
    </message>
    <message>
      <location filename="app/ui/window/menus.py" />
      <source>&amp;Conversation</source>
      <translation>&amp;Unterhaltung</translation>
    </message>
    <message>
      <location filename="app/ui/window/menus.py" />
      <source>&amp;Tools</source>
      <translation>&amp;Werkzeuge</translation>
    </message>
    <message>
      <location filename="app/ui/window/menus.py" />
      <source>&amp;View</source>
      <translation>&amp;Ansicht</translation>
    </message>
    <message>
      <location filename="app/ui/window/menus.py" />
      <source>&amp;Help</source>
      <translation>&amp;Hilfe</translation>
    </message>
    <message>
      <location filename="app/ui/window/menus.py" />
      <source>&amp;API…</source>
      <translation>&amp;Schnittstelle (API)…</translation>
    </message>
    <message>
      <location filename="app/ui/window/menus.py" />
      <source>No model is loaded</source>
      <translation>Kein Modell ist geladen</translation>
    </message>
    <message>
      <location filename="app/ui/window/menus.py" />
      <source>&amp;Get Gemma 4…</source>
      <translation>&amp;Gemma 4 holen…</translation>
    </message>
    <message>
      <location filename="app/ui/window/menus.py" />
      <source>Use a ser&amp;ver…</source>
      <translation>Ser&amp;ver verwenden…</translation>
    </message>
    <message>
      <location filename="app/ui/window/menus.py" />
      <source>Cancel &amp;loading</source>
      <translation>&amp;Laden abbrechen</translation>
    </message>
    <message>
      <location filename="app/ui/window/menus.py" />
      <source>&amp;Quit</source>
      <translation>&amp;Beenden</translation>
    </message>
    <message>
      <location filename="app/ui/window/menus.py" />
      <source>None yet</source>
      <translation>Noch keine</translation>
    </message>
    <message>
      <location filename="app/ui/window/reporting.py" />
      <source>Saved as {name}</source>
      <translation>Gespeichert als {name}</translation>
    </message>
    <message>
      <location filename="app/ui/window/reporting.py" />
      <source>Save a report</source>
      <translation>Bericht speichern</translation>
    </message>
    <message>
      <location filename="app/ui/window/reporting.py" />
      <source>Not saved: {error}</source>
      <translation>Nicht gespeichert: {error}</translation>
    </message>
    <message>
      <location filename="app/ui/window/searchable.py" />
      <source>No text was read from pictures in the attached files.</source>
      <translation>Aus keinem Bild der angehängten Dateien wurde Text gelesen.</translation>
    </message>
    <message>
      <location filename="app/ui/window/searchable.py" />
      <source>Save as searchable PDF</source>
      <translation>Als durchsuchbares PDF speichern</translation>
    </message>
    <message>
      <location filename="app/ui/window/searchable.py" />
      <source>PDF (*.pdf)</source>
      <translation>PDF (*.pdf)</translation>
    </message>
    <message>
      <location filename="app/ui/window/searchable.py" />
      <source>It is not PDF/A unless the original is.</source>
      <translation>Es ist nur dann PDF/A, wenn das Original es ist.</translation>
    </message>
    <message>
      <location filename="app/ui/window/searchable.py" />
      <source>The original's digital signature is not valid for the copy.</source>
      <translation>Die digitale Signatur des Originals gilt nicht für die Kopie.</translation>
    </message>
    <message>
      <location filename="app/ui/window/searchable.py" />
      <source>Saving {name}…</source>
      <translation>{name} wird gespeichert…</translation>
    </message>
    <message>
      <location filename="app/ui/window/searchable.py" />
      <source>PDF/A-2b</source>
      <translation>PDF/A-2b</translation>
    </message>
    <message>
      <location filename="app/ui/window/searchable.py" />
      <source>searchable</source>
      <translation>durchsuchbar</translation>
    </message>
    <message>
      <location filename="app/ui/window/start_pages.py" />
      <source>Lectern includes a small sample model, and an invoice, a screenshot, a video and a recording to ask about. {note}</source>
      <translation>Lectern bringt ein kleines Beispielmodell mit, dazu eine Rechnung, ein Bildschirmfoto, ein Video und eine Aufnahme zum Befragen. {note}</translation>
    </message>
    <message numerus="yes">
      <location filename="app/ui/window/start_pages.py" />
      <source>Add more ({n} files so far)…</source>
      <extracomment>Add more ({n} file so far)…</extracomment>
      <translation>
        <numerusform>Weitere hinzufügen (bisher {n} Datei)…</numerusform>
        <numerusform>Weitere hinzufügen (bisher {n} Dateien)…</numerusform>
      </translation>
    </message>
    <message>
      <location filename="app/ui/window/start_pages.py" />
      <source>about {size}: {repository} from Hugging Face (Apache-2.0 licence)</source>
      <translation>etwa {size}: {repository} von Hugging Face (Lizenz Apache-2.0)</translation>
    </message>
    <message>
      <location filename="app/ui/window/start_pages.py" />
      <source>Disk</source>
      <translation>Festplatte</translation>
    </message>
    <message>
      <location filename="app/ui/window/start_pages.py" />
      <source>{size} once it is imported; the download can then be deleted</source>
      <translation>{size} nach dem Import; der Download kann dann gelöscht werden</translation>
    </message>
    <message>
      <location filename="app/ui/window/start_pages.py" />
      <source>Memory</source>
      <translation>Speicher</translation>
    </message>
    <message>
      <location filename="app/ui/window/start_pages.py" />
      <source>{size} while it answers, on a graphics card or in a machine with {machine} GB</source>
      <translation>{size}, während es antwortet, auf einer Grafikkarte oder in einem Rechner mit {machine} GB</translation>
    </message>
    <message>
      <location filename="app/ui/window/start_pages.py" />
      <source>Network</source>
      <translation>Netz</translation>
    </message>
    <message>
      <location filename="app/ui/window/start_pages.py" />
      <source>only if you let Lectern download the model; none of your data is ever sent</source>
      <translation>nur, wenn Sie Lectern das Modell herunterladen lassen; auch dann wird nichts von Ihnen gesendet</translation>
    </message>
    <message>
      <location filename="app/ui/window/start_pages.py" />
      <source>Welcome to Lectern</source>
      <translation>Willkommen bei Lectern</translation>
    </message>
    <message>
      <location filename="app/ui/window/start_pages.py" />
      <source>Ask questions about your own documents, pictures, videos and recordings. Everything happens on this machine, and nothing leaves it. To start, choose the model that answers.</source>
      <translation>Stellen Sie Fragen zu Ihren eigenen Dokumenten, Bildern, Videos und Aufnahmen. Alles geschieht auf diesem Rechner, und nichts verlässt ihn. Wählen Sie zu Beginn das Modell, das antworten soll.</translation>
    </message>
    <message>
      <location filename="app/ui/window/start_pages.py" />
      <source>Try it with the sample model</source>
      <translation>Mit dem Beispielmodell ausprobieren</translation>
    </message>
    <message>
      <location filename="app/ui/window/start_pages.py" />
      <source>Try it first</source>
      <translation>Erst einmal ausprobieren</translation>
    </message>
    <message>
      <location filename="app/ui/window/start_pages.py" />
      <source>For real work on this machine: {name}</source>
      <translation>Für die Arbeit auf diesem Rechner: {name}</translation>
    </message>
    <message>
      <location filename="app/ui/window/start_pages.py" />
      <source>Address of the model: {address}</source>
      <translation>Adresse des Modells: {address}</translation>
    </message>
    <message>
      <location filename="app/ui/window/start_pages.py" />
      <source>Copy the address of the model</source>
      <translation>Adresse des Modells kopieren</translation>
    </message>
    <message>
      <location filename="app/ui/window/start_pages.py" />
      <source>Ask your own documents</source>
      <translation>Fragen Sie Ihre eigenen Dokumente</translation>
    </message>
    <message>
      <location filename="app/ui/window/start_pages.py" />
      <source>Drop documents, pictures, videos, recordings or folders anywhere in this window, or paste a screenshot with Ctrl+V.</source>
      <translation>Ziehen Sie Dokumente, Bilder, Videos, Aufnahmen oder Ordner irgendwo in dieses Fenster, oder fügen Sie mit Strg+V ein Bildschirmfoto ein.</translation>
    </message>
    <message>
      <location filename="app/ui/window/start_pages.py" />
      <source>Everything stays on this machine.</source>
      <translation>Alles bleibt auf diesem Rechner.</translation>
    </message>
    <message>
      <location filename="app/ui/window/start_pages.py" />
      <source>The sample model handles one file at a time.</source>
      <translation>Das Beispielmodell kommt nur mit einer Datei auf einmal zurecht.</translation>
    </message>
    <message>
      <location filename="app/ui/window/start_pages.py" />
      <source>Answers come from {model}</source>
      <translation>Antworten kommen von {model}</translation>
    </message>
    <message>
      <location filename="app/ui/window/viewing.py" />
      <source>The region could not be saved: {reason}</source>
      <translation>Der Ausschnitt konnte nicht gespeichert werden: {reason}</translation>
    </message>
    <message>
      <location filename="model/adapters/applying.py" />
      <source>The adapter {name} changes {what}, which this model does not have; choose the model that it was trained for.</source>
      <translation>Der Adapter {name} verändert {what}, was dieses Modell nicht hat; wählen Sie das Modell, für das er trainiert wurde.</translation>
    </message>
    <message>
      <location filename="model/adapters/applying.py" />
      <source>The adapter in {path} holds numbers that are not finite; train or copy it again.</source>
      <translation>Der Adapter in {path} enthält Zahlen, die nicht endlich sind; trainieren oder kopieren Sie ihn noch einmal.</translation>
    </message>
    <message>
      <location filename="model/adapters/reading.py" />
      <source>Matrices of the adapter without effect, because their layers have no keys and values of their own: {count}.</source>
      <translation>Matrizen des Adapters ohne Wirkung, weil ihre Schichten keine eigenen Schlüssel und Werte haben: {count}.</translation>
    </message>
    <message>
      <location filename="model/adapters/reading.py" />
      <source>The adapter {name} changes {what}, which Lectern does not apply; train it for attention, MLP or experts.</source>
      <translation>Der Adapter {name} verändert {what}, was Lectern nicht anwendet; trainieren Sie ihn für Attention, MLP oder Experten.</translation>
    </message>
    <message>
      <location filename="model/adapters/reading.py" />
      <source>The adapter {name} does not fit this model ({module}): it was trained for {base}; open that one.</source>
      <translation>Der Adapter {name} passt nicht zu diesem Modell ({module}): Er wurde für {base} trainiert; öffnen Sie dieses.</translation>
    </message>
    <message>
      <location filename="model/adapters/reading.py" />
      <source>The adapter {name} is damaged ({what}); copy or save it again.</source>
      <translation>Der Adapter {name} ist beschädigt ({what}); kopieren oder speichern Sie ihn noch einmal.</translation>
    </message>
    <message>
      <location filename="model/adapters/reading.py" />
      <source>The adapter {name} does not say how its experts are packed; save it again with a newer Unsloth, which writes lora_B_layout, or with PEFT.</source>
      <translation>Der Adapter {name} gibt nicht an, wie seine Experten gepackt sind; speichern Sie ihn mit einem neueren Unsloth, das lora_B_layout schreibt, oder mit PEFT noch einmal.</translation>
    </message>
    <message>
      <location filename="model/adapters/reading.py" />
      <source>The adapter {name} has no {file}; save it again with safe_serialization, as PEFT does by default.</source>
      <translation>Der Adapter {name} hat keine {file}; speichern Sie ihn noch einmal mit safe_serialization, wie PEFT es von sich aus tut.</translation>
    </message>
    <message>
      <location filename="model/adapters/reading.py" />
      <source>The adapter {name} uses {what}, which Lectern does not apply; train a plain LoRA without it, or merge it into the model.</source>
      <translation>Der Adapter {name} verwendet {what}, was Lectern nicht anwendet; trainieren Sie ein einfaches LoRA ohne das, oder verschmelzen Sie ihn mit dem Modell.</translation>
    </message>
    <message>
      <location filename="model/adapters/reading.py" />
      <source>{folder} holds no adapter that can be read ({why}); choose a folder with adapter_config.json.</source>
      <translation>{folder} enthält keinen lesbaren Adapter ({why}); wählen Sie einen Ordner mit adapter_config.json.</translation>
    </message>
    <message>
      <location filename="model/checkpoint/files.py" />
      <source>The cached data of a document was cut short on disk while it was in use; ask again to read the document again.</source>
      <translation>Die zwischengespeicherten Daten eines Dokuments wurden auf der Festplatte gekürzt, während sie benutzt wurden; fragen Sie noch einmal, dann wird das Dokument neu gelesen.</translation>
    </message>
    <message>
      <location filename="model/checkpoint/foreign.py" />
      <source>{folder} holds a model that another program has quantised already ({how}), which Lectern does not read; choose the bfloat16 release of the model, which Lectern quantises by itself.</source>
      <translation>{folder} enthält ein Modell, das ein anderes Programm bereits quantisiert hat ({how}), was Lectern nicht liest; wählen Sie die bfloat16-Ausgabe des Modells, die Lectern selbst quantisiert.</translation>
    </message>
    <message>
      <location filename="model/checkpoint/gguf/config.py" />
      <source>{path} lacks {prefix}{key}, or its value is not one that Gemma 4 uses; download the model again.</source>
      <translation>In {path} fehlt {prefix}{key}, oder sein Wert ist keiner von Gemma 4; laden Sie das Modell erneut herunter.</translation>
    </message>
    <message>
      <location filename="model/checkpoint/gguf/config.py" />
      <source>{path} claims to have {layers} layers; download the model again.</source>
      <translation>{path} gibt {layers} Schichten an; laden Sie das Modell erneut herunter.</translation>
    </message>
    <message>
      <location filename="model/checkpoint/gguf/config.py" />
      <source>{path} lacks {name}; download the model again.</source>
      <translation>In {path} fehlt {name}; laden Sie das Modell erneut herunter.</translation>
    </message>
    <message>
      <location filename="model/checkpoint/gguf/config.py" />
      <source>{path} became shorter while it was read; download it again.</source>
      <translation>{path} wurde kürzer, während es gelesen wurde; laden Sie es noch einmal herunter.</translation>
    </message>
    <message>
      <location filename="model/checkpoint/gguf/conversion.py" />
      <source>Importing the model</source>
      <translation>Modell wird importiert</translation>
    </message>
    <message>
      <location filename="model/checkpoint/gguf/header.py" />
      <source>{path} has a header of more than {limit} MB; download it again.</source>
      <translation>{path} hat einen Kopf von mehr als {limit} MB; laden Sie die Datei erneut herunter.</translation>
    </message>
    <message>
      <location filename="model/checkpoint/gguf/header.py" />
      <source>{path} is a GGUF file of version {version}, and Lectern reads versions 2 and 3; choose a newer file of the model.</source>
      <translation>{path} ist eine GGUF-Datei der Version {version}, und Lectern liest die Versionen 2 und 3; wählen Sie eine neuere Datei des Modells.</translation>
    </message>
    <message>
      <location filename="model/checkpoint/gguf/header.py" />
      <source>{path} has a damaged header ({why}); download it again.</source>
      <translation>{path} hat einen beschädigten Kopf ({why}); laden Sie die Datei erneut herunter.</translation>
    </message>
    <message>
      <location filename="model/checkpoint/gguf/header.py" />
      <source>The file {path} is missing; choose another one.</source>
      <translation>Die Datei {path} fehlt; wählen Sie eine andere.</translation>
    </message>
    <message>
      <location filename="model/checkpoint/gguf/header.py" />
      <source>{path} is not a GGUF file, or only a part of one; download it again.</source>
      <translation>{path} ist keine GGUF-Datei oder nur ein Teil davon; laden Sie sie erneut herunter.</translation>
    </message>
    <message>
      <location filename="model/checkpoint/gguf/header.py" />
      <source>{path} was written for a processor with another byte order; choose the usual GGUF file of the model.</source>
      <translation>{path} wurde für einen Prozessor mit anderer Bytereihenfolge geschrieben; wählen Sie die übliche GGUF-Datei des Modells.</translation>
    </message>
    <message>
      <location filename="model/checkpoint/gguf/header.py" />
      <source>{path} is cut short: it is {size} bytes long where it must be {expected}; download it again.</source>
      <translation>{path} ist abgeschnitten: Die Datei ist {size} Byte lang und müsste {expected} lang sein; laden Sie sie erneut herunter.</translation>
    </message>
    <message>
      <location filename="model/checkpoint/gguf/header.py" />
      <source>{path} is cut off in its header; download it again.</source>
      <translation>{path} ist im Kopf abgeschnitten; laden Sie die Datei erneut herunter.</translation>
    </message>
    <message>
      <location filename="model/checkpoint/gguf/header.py" />
      <source>{path} stores {name} in a number format that Lectern does not know (type {type}); choose another file of the model, such as Q4_0 or Q4_K_M.</source>
      <translation>{path} speichert {name} in einem Zahlenformat, das Lectern nicht kennt (Typ {type}); wählen Sie eine andere Datei des Modells, zum Beispiel Q4_0 oder Q4_K_M.</translation>
    </message>
    <message>
      <location filename="model/checkpoint/gguf/model.py" />
      <source>There was no vision tower (mmproj) for this model beside the GGUF file, so it reads text only; put the mmproj file into the same folder and import it again.</source>
      <translation>Neben der GGUF-Datei lag kein Bildteil (mmproj) für dieses Modell, daher liest es nur Text; legen Sie die mmproj-Datei in denselben Ordner und importieren Sie das Modell erneut.</translation>
    </message>
    <message>
      <location filename="model/checkpoint/gguf/model.py" />
      <source>The mmproj file beside this model holds a kind of vision tower that Lectern does not run, so the model reads text only.</source>
      <translation>Die mmproj-Datei neben diesem Modell enthält eine Art von Bildteil, die Lectern nicht ausführt, daher liest das Modell nur Text.</translation>
    </message>
    <message>
      <location filename="model/checkpoint/gguf/model.py" />
      <source>{path} holds {kind}, which Lectern does not run; choose the GGUF file of a Gemma 4, such as google/gemma-4-26B-A4B-it-qat-q4_0-gguf.</source>
      <translation>{path} enthält {kind}; das führt Lectern nicht aus. Wählen Sie die GGUF-Datei eines Gemma 4, etwa google/gemma-4-26B-A4B-it-qat-q4_0-gguf.</translation>
    </message>
    <message>
      <location filename="model/checkpoint/gguf/model.py" />
      <source>{path} holds a Gemma 4 whose output layer (output.weight) differs from its embedding, which Lectern does not run; choose a file without output.weight, as llama.cpp writes it.</source>
      <translation>{path} enthält ein Gemma 4, dessen Ausgabeschicht (output.weight) von seiner Einbettung abweicht; das führt Lectern nicht aus. Wählen Sie eine Datei ohne output.weight, wie llama.cpp sie schreibt.</translation>
    </message>
    <message>
      <location filename="model/checkpoint/gguf/model.py" />
      <source>{path} and its other parts hold the same tensor twice; download them again.</source>
      <translation>{path} und die übrigen Teile enthalten denselben Tensor zweimal; laden Sie sie erneut herunter.</translation>
    </message>
    <message>
      <location filename="model/checkpoint/gguf/model.py" />
      <source>{path} holds only a vision tower (mmproj); choose the model's own GGUF file beside it, and this one will be found too.</source>
      <translation>{path} enthält nur einen Bildteil (mmproj); wählen Sie die eigentliche GGUF-Datei des Modells daneben, diese hier wird dann mit gefunden.</translation>
    </message>
    <message>
      <location filename="model/checkpoint/gguf/model.py" />
      <source>{path} holds an adapter and not a whole model; choose the GGUF file of a whole Gemma 4.</source>
      <translation>{path} enthält einen Adapter und kein ganzes Modell; wählen Sie die GGUF-Datei eines ganzen Gemma 4.</translation>
    </message>
    <message>
      <location filename="model/checkpoint/gguf/model.py" />
      <source>{path} is one of {parts} parts of a model and was renamed, so the others cannot be found; give the parts their names back (NAME-00001-of-00003.gguf).</source>
      <translation>{path} ist einer von {parts} Teilen eines Modells und wurde umbenannt, daher sind die anderen nicht zu finden; geben Sie den Teilen ihre Namen zurück (NAME-00001-of-00003.gguf).</translation>
    </message>
    <message>
      <location filename="model/checkpoint/gguf/model.py" />
      <source>{path} is a later part of a model; choose its first part, {name}-00001-….</source>
      <translation>{path} ist ein späterer Teil eines Modells; wählen Sie seinen ersten Teil, {name}-00001-….</translation>
    </message>
    <message>
      <location filename="model/checkpoint/gguf/model.py" />
      <source>{folder} lacks {missing} of the model's {total} tensors, such as {name}; download the model again.</source>
      <translation>{folder} fehlen {missing} der {total} Tensoren des Modells, etwa {name}; laden Sie das Modell noch einmal herunter.</translation>
    </message>
    <message>
      <location filename="model/checkpoint/gguf/model.py" />
      <source>{path} holds {name}, which no Gemma 4 has that Lectern knows, so its answers could be wrong; choose the model as Google or llama.cpp publishes it.</source>
      <translation>{path} enthält {name}, das kein Gemma 4 hat, das Lectern kennt; die Antworten könnten falsch sein. Wählen Sie das Modell, wie Google oder llama.cpp es veröffentlicht.</translation>
    </message>
    <message>
      <location filename="model/checkpoint/gguf/model.py" />
      <source>{path} is not the vision tower of {model}; choose the one published with it.</source>
      <translation>{path} ist nicht der Bildteil von {model}; wählen Sie den, der zusammen mit dem Modell veröffentlicht ist.</translation>
    </message>
    <message>
      <location filename="model/checkpoint/gguf/model.py" />
      <source>{path} stores {name} as {shape} where its metadata says {expected}; download the model again.</source>
      <translation>{path} speichert {name} als {shape}, während die Metadaten {expected} angeben; laden Sie das Modell erneut herunter.</translation>
    </message>
    <message>
      <location filename="model/checkpoint/gguf/note.py" />
      <source>{count} numbers were rounded from {before} to {after}, which puts them off by {off}.</source>
      <translation>{count} Zahlen wurden von {before} auf {after} gerundet und weichen dadurch um {off} ab.</translation>
    </message>
    <message>
      <location filename="model/checkpoint/gguf/note.py" />
      <source>{count} numbers in {before} are as they were in the GGUF file.</source>
      <translation>{count} Zahlen in {before} sind so, wie sie in der GGUF-Datei stehen.</translation>
    </message>
    <message>
      <location filename="model/checkpoint/gguf/numbers.py" />
      <source>The model's {name} holds numbers that are not finite; download the GGUF file again.</source>
      <translation>{name} des Modells enthält Zahlen, die nicht endlich sind; laden Sie die GGUF-Datei erneut herunter.</translation>
    </message>
    <message>
      <location filename="model/checkpoint/gguf/vocabulary.py" />
      <source>{path} has a vocabulary without {name}, which is not Gemma 4's; download the model again.</source>
      <translation>{path} hat ein Vokabular ohne {name}, das nicht das von Gemma 4 ist; laden Sie das Modell erneut herunter.</translation>
    </message>
    <message>
      <location filename="model/checkpoint/gguf/vocabulary.py" />
      <source>{path} has a vocabulary that names a token twice; download the model again.</source>
      <translation>{path} hat ein Vokabular, das ein Token zweimal nennt; laden Sie das Modell erneut herunter.</translation>
    </message>
    <message>
      <location filename="model/checkpoint/gguf/vocabulary.py" />
      <source>{path} holds no vocabulary of Gemma's kind (tokenizer.ggml.{name}); choose a file of the model with its tokenizer, as llama.cpp writes it.</source>
      <translation>{path} enthält kein Vokabular von Gemmas Art (tokenizer.ggml.{name}); wählen Sie eine Datei des Modells mit Tokenizer, wie llama.cpp sie schreibt.</translation>
    </message>
    <message>
      <location filename="model/checkpoint/gguf/vocabulary.py" />
      <source>{path} has merges that do not fit its vocabulary; download the model again.</source>
      <translation>{path} hat Verschmelzungen, die nicht zum Vokabular passen; laden Sie das Modell erneut herunter.</translation>
    </message>
    <message>
      <location filename="model/checkpoint/gguf/vocabulary.py" />
      <source>The vocabulary in {path} cannot be used ({why}); download the model again.</source>
      <translation>Das Vokabular in {path} kann nicht verwendet werden ({why}); laden Sie das Modell erneut herunter.</translation>
    </message>
    <message>
      <location filename="model/checkpoint/header.py" />
      <source>{path} has a damaged header; download it again.</source>
      <translation>{path} hat einen beschädigten Kopf; laden Sie die Datei noch einmal herunter.</translation>
    </message>
    <message>
      <location filename="model/checkpoint/header.py" />
      <source>{path} is {size} bytes long where it must be {expected}; download it again.</source>
      <translation>{path} ist {size} Byte lang und müsste {expected} lang sein; laden Sie die Datei erneut herunter.</translation>
    </message>
    <message>
      <location filename="model/checkpoint/header.py" />
      <source>The file {path} is missing; download the model again.</source>
      <translation>Die Datei {path} fehlt; laden Sie das Modell noch einmal herunter.</translation>
    </message>
    <message>
      <location filename="model/checkpoint/header.py" />
      <source>{path} is a Git LFS pointer, not the weights; run `git lfs pull` there.</source>
      <translation>{path} ist ein Verweis von Git LFS und nicht die Gewichte selbst; führen Sie dort `git lfs pull` aus.</translation>
    </message>
    <message>
      <location filename="model/checkpoint/header.py" />
      <source>{path} is cut off or not a safetensors file; download it again.</source>
      <translation>{path} ist abgeschnitten oder keine safetensors-Datei; laden Sie sie erneut herunter.</translation>
    </message>
    <message>
      <location filename="model/checkpoint/inspection.py" />
      <source>{folder} holds a Gemma 4 whose output layer (lm_head.weight) was trained apart from its embedding, which Lectern does not run; choose a model with tied embeddings, as published.</source>
      <translation>{folder} enthält ein Gemma 4, dessen Ausgabeschicht (lm_head.weight) getrennt von der Einbettung trainiert wurde; das führt Lectern nicht aus. Wählen Sie ein Modell mit gemeinsamer Einbettung, wie es veröffentlicht ist.</translation>
    </message>
    <message>
      <location filename="model/checkpoint/inspection.py" />
      <source>This folder also holds an adapter ({name}), which is applied only where it is switched on: in the list of models, or with --adapter.</source>
      <translation>Dieser Ordner enthält auch einen Adapter ({name}); er wird nur angewendet, wo er eingeschaltet ist: in der Liste der Modelle oder mit --adapter.</translation>
    </message>
    <message>
      <location filename="model/checkpoint/inspection.py" />
      <source>{path} is a GGUF file, which Lectern opens once it is imported: choose Models → Import a GGUF file…, or run `lectern models import` with it.</source>
      <translation>{path} ist eine GGUF-Datei, die Lectern öffnet, sobald sie importiert ist: Wählen Sie Modelle → GGUF-Datei importieren…, oder rufen Sie `lectern models import` damit auf.</translation>
    </message>
    <message>
      <location filename="model/checkpoint/inspection.py" />
      <source>{folder} is not a model folder; choose the folder with config.json and the .safetensors files.</source>
      <translation>{folder} ist kein Modellordner; wählen Sie den Ordner mit config.json und den .safetensors-Dateien.</translation>
    </message>
    <message>
      <location filename="model/checkpoint/inspection.py" />
      <source>Another program has quantised this model ({how}); its numbers are kept as they are, with scales of 16 bits.</source>
      <translation>Ein anderes Programm hat dieses Modell quantisiert ({how}); seine Zahlen bleiben, wie sie sind, mit Skalen von 16 Bit.</translation>
    </message>
    <message>
      <location filename="model/checkpoint/inspection.py" />
      <source>Another program has quantised this model ({how}); Lectern rounds its numbers a second time, so choose the bfloat16 release if you can.</source>
      <translation>Ein anderes Programm hat dieses Modell quantisiert ({how}); Lectern rundet seine Zahlen ein zweites Mal. Wählen Sie wenn möglich die Ausgabe in bfloat16.</translation>
    </message>
    <message>
      <location filename="model/checkpoint/inspection.py" />
      <source>{path} is a file; choose the folder with config.json and the .safetensors files.</source>
      <translation>{path} ist eine Datei; wählen Sie den Ordner mit config.json und den .safetensors-Dateien.</translation>
    </message>
    <message>
      <location filename="model/checkpoint/inspection.py" />
      <source>{folder} holds an adapter and not a whole model; choose the model it was trained for, and switch the adapter on below it in the list of models, or with --adapter.</source>
      <translation>{folder} enthält einen Adapter und kein ganzes Modell; wählen Sie das Modell, für das er trainiert wurde, und schalten Sie den Adapter darunter in der Liste der Modelle ein, oder mit --adapter.</translation>
    </message>
    <message>
      <location filename="model/checkpoint/inspection.py" />
      <source>{path} may hold a pickled checkpoint, a format that can run code and is never opened; choose the folder with config.json and the .safetensors files.</source>
      <translation>{path} ist womöglich ein Pickle-Checkpoint, ein Format, das Code ausführen kann und nie geöffnet wird; wählen Sie den Ordner mit config.json und den .safetensors-Dateien.</translation>
    </message>
    <message>
      <location filename="model/checkpoint/inspection.py" />
      <source>{folder} has no weights: it holds no .safetensors files; download the model's weights into it too.</source>
      <translation>{folder} hat keine Gewichte: Der Ordner enthält keine .safetensors-Dateien; laden Sie auch die Gewichte des Modells dorthin herunter.</translation>
    </message>
    <message>
      <location filename="model/checkpoint/inspection.py" />
      <source>{folder} holds several snapshots of a model; choose one of the folders in snapshots.</source>
      <translation>{folder} enthält mehrere Stände eines Modells; wählen Sie einen der Ordner in snapshots.</translation>
    </message>
    <message>
      <location filename="model/checkpoint/inspection.py" />
      <source>{path} is damaged; download it again.</source>
      <translation>{path} ist beschädigt; laden Sie es noch einmal herunter.</translation>
    </message>
    <message numerus="yes">
      <location filename="model/checkpoint/inspection.py" />
      <source>{folder} lacks {n} files, such as {name}; download the missing files into the folder.</source>
      <extracomment>{folder} lacks {name}; download the missing file into the folder.</extracomment>
      <translation>
        <numerusform>In {folder} fehlt {name}; laden Sie die fehlende Datei in den Ordner herunter.</numerusform>
        <numerusform>In {folder} fehlen {n} Dateien, zum Beispiel {name}; laden Sie die fehlenden Dateien in den Ordner herunter.</numerusform>
      </translation>
    </message>
    <message>
      <location filename="model/checkpoint/inspection.py" />
      <source>The model folder {folder} does not exist or cannot be opened; choose another folder.</source>
      <translation>Den Modellordner {folder} gibt es nicht, oder er kann nicht geöffnet werden; wählen Sie einen anderen.</translation>
    </message>
    <message>
      <location filename="model/checkpoint/inspection.py" />
      <source>{folder} has weights but no {name}; download that file too.</source>
      <translation>{folder} hat Gewichte, aber kein {name}; laden Sie auch diese Datei herunter.</translation>
    </message>
    <message>
      <location filename="model/checkpoint/layout.py" />
      <source>This folder also holds weights for sound that do not fit its config.json, so the model does not hear; copy config.json and weights from the published model to change that.</source>
      <translation>Dieser Ordner enthält auch Gewichte für Ton, die nicht zu seiner config.json passen, deshalb hört das Modell nicht; kopieren Sie config.json und Gewichte aus dem veröffentlichten Modell, um das zu ändern.</translation>
    </message>
    <message>
      <location filename="model/checkpoint/layout.py" />
      <source>This folder was saved without the weights for sound that its config.json describes, so the model does not hear.</source>
      <translation>Dieser Ordner wurde ohne die Gewichte für Ton gespeichert, die seine config.json beschreibt, deshalb hört das Modell nicht.</translation>
    </message>
    <message>
      <location filename="model/checkpoint/layout.py" />
      <source>This folder also holds a drafter for speculative decoding, which Lectern does not use.</source>
      <translation>Dieser Ordner enthält auch ein Vorschlagsmodell für spekulatives Dekodieren, das Lectern nicht verwendet.</translation>
    </message>
    <message>
      <location filename="model/checkpoint/layout.py" />
      <source>This folder also holds scales for a KV cache in 8 bits, which Lectern does not need.</source>
      <translation>Dieser Ordner enthält auch Skalen für einen KV-Cache in 8 Bit, die Lectern nicht braucht.</translation>
    </message>
    <message>
      <location filename="model/checkpoint/layout.py" />
      <source>{path} holds {name}, which no Gemma 4 has that Lectern knows, so its answers could be wrong; choose the model as it was published.</source>
      <translation>{path} enthält {name}, was kein Gemma 4 hat, das Lectern kennt; die Antworten könnten deshalb falsch sein. Wählen Sie das Modell, wie es veröffentlicht wurde.</translation>
    </message>
    <message>
      <location filename="model/checkpoint/layout.py" />
      <source>{path} stores {name} as {shape} where config.json says {expected}; config.json and weights come from different models, so download both again.</source>
      <translation>{path} speichert {name} als {shape}, wo config.json {expected} sagt; config.json und Gewichte stammen von verschiedenen Modellen, laden Sie beides noch einmal herunter.</translation>
    </message>
    <message>
      <location filename="model/checkpoint/layout.py" />
      <source>{folder} holds an adapter that was not merged into the weights ({name}); merge it first, for example with merge_and_unload of PEFT, and choose the merged folder.</source>
      <translation>{folder} enthält einen Adapter, der nicht mit den Gewichten zusammengeführt wurde ({name}); führen Sie ihn zuerst zusammen, zum Beispiel mit merge_and_unload von PEFT, und wählen Sie den so entstandenen Ordner.</translation>
    </message>
    <message>
      <location filename="model/checkpoint/layout.py" />
      <source>{folder} holds no vision tower, which its config.json describes ({name}); choose a folder with the whole model, text and vision.</source>
      <translation>{folder} enthält keinen Bildteil, den seine config.json jedoch beschreibt ({name}); wählen Sie einen Ordner mit dem ganzen Modell, Text und Bild.</translation>
    </message>
    <message>
      <location filename="model/checkpoint/layout.py" />
      <source>{folder} holds none of the tensors of the language model that config.json describes, such as {name}; choose the folder of a Gemma 4 as Google or transformers writes it.</source>
      <translation>{folder} enthält keinen der Tensoren des Sprachmodells, das config.json beschreibt, etwa {name}; wählen Sie den Ordner eines Gemma 4, wie Google oder transformers ihn schreibt.</translation>
    </message>
    <message>
      <location filename="model/checkpoint/layout.py" />
      <source>{path} holds a vision tower ({name}) that config.json does not describe; copy config.json from where the weights come from.</source>
      <translation>{path} enthält einen Bildteil ({name}), den config.json nicht beschreibt; kopieren Sie die config.json, die zu den Gewichten gehört.</translation>
    </message>
    <message>
      <location filename="model/checkpoint/layout.py" />
      <source>{path} stores {name} as {type}, which Lectern does not read; choose the bfloat16 release of the model.</source>
      <translation>{path} speichert {name} als {type}, was Lectern nicht liest; wählen Sie die bfloat16-Ausgabe des Modells.</translation>
    </message>
    <message>
      <location filename="model/checkpoint/layout.py" />
      <source>{path} stores {name} as {type} and its siblings as {other}, which Lectern cannot combine; choose the bfloat16 release of the model.</source>
      <translation>{path} speichert {name} als {type} und das Zugehörige als {other}, was Lectern nicht verbinden kann; wählen Sie die bfloat16-Ausgabe des Modells.</translation>
    </message>
    <message>
      <location filename="model/checkpoint/opening.py" />
      <source>{path} cannot be used ({why}); check the disk and the permissions.</source>
      <translation>{path} kann nicht benutzt werden ({why}); prüfen Sie die Festplatte und die Rechte.</translation>
    </message>
    <message>
      <location filename="model/checkpoint/opening.py" />
      <source>The disk that holds {path} is full; free some space and open the model again.</source>
      <translation>Der Datenträger mit {path} ist voll; schaffen Sie Platz und öffnen Sie das Modell noch einmal.</translation>
    </message>
    <message>
      <location filename="model/checkpoint/opening.py" />
      <source>Quantising needs {needed} GB on the disk of {folder}, which has {free} GB free; free some space or choose another folder.</source>
      <translation>Das Quantisieren braucht {needed} GB auf der Festplatte von {folder}, auf der {free} GB frei sind; machen Sie Platz oder wählen Sie einen anderen Ort.</translation>
    </message>
    <message>
      <location filename="model/checkpoint/quantised_folder.py" />
      <source>{path} was written by another version of Lectern; delete the folder and quantise the model again.</source>
      <translation>{path} wurde von einer anderen Version von Lectern geschrieben; löschen Sie den Ordner und quantisieren Sie das Modell noch einmal.</translation>
    </message>
    <message>
      <location filename="model/checkpoint/quantised_folder.py" />
      <source>{path} is missing; delete its folder and quantise the model again.</source>
      <translation>{path} fehlt; löschen Sie den Ordner und quantisieren Sie das Modell noch einmal.</translation>
    </message>
    <message>
      <location filename="model/checkpoint/quantised_folder.py" />
      <source>{path} has {size} bytes instead of {expected}; delete its folder and quantise the model again.</source>
      <translation>{path} hat {size} Byte statt {expected}; löschen Sie den Ordner und quantisieren Sie das Modell noch einmal.</translation>
    </message>
    <message>
      <location filename="model/checkpoint/quantised_folder.py" />
      <source>{path} is damaged; delete the folder and quantise the model again.</source>
      <translation>{path} ist beschädigt; löschen Sie den Ordner und quantisieren Sie das Modell noch einmal.</translation>
    </message>
    <message>
      <location filename="model/checkpoint/quantised_folder.py" />
      <source>{path} is damaged; delete its folder and quantise the model again.</source>
      <translation>{path} ist beschädigt; löschen Sie seinen Ordner und quantisieren Sie das Modell noch einmal.</translation>
    </message>
    <message>
      <location filename="model/checkpoint/quantised_source.py" />
      <source>The model has no weights called {name}; download the model again.</source>
      <translation>Das Modell hat keine Gewichte namens {name}; laden Sie das Modell noch einmal herunter.</translation>
    </message>
    <message>
      <location filename="model/checkpoint/quantised_source.py" />
      <source>{folder} does not hold {name} as it should; delete it and quantise again.</source>
      <translation>{folder} enthält {name} nicht so, wie es sollte; löschen Sie es und quantisieren Sie noch einmal.</translation>
    </message>
    <message>
      <location filename="model/checkpoint/quantised_source.py" />
      <source>Opening the model was cancelled.</source>
      <translation>Das Öffnen des Modells wurde abgebrochen.</translation>
    </message>
    <message>
      <location filename="model/checkpoint/quantised_source.py" />
      <source>Opening the model</source>
      <translation>Das Modell wird geöffnet</translation>
    </message>
    <message>
      <location filename="model/checkpoint/quantising.py" />
      <source>Quantising the model</source>
      <translation>Das Modell wird quantisiert</translation>
    </message>
    <message>
      <location filename="model/checkpoint/quantising.py" />
      <source>The work on the model was stopped.</source>
      <translation>Die Arbeit am Modell wurde angehalten.</translation>
    </message>
    <message>
      <location filename="model/checkpoint/tensor_file.py" />
      <source>{path} became shorter while it was in use; copy the model again and choose its folder again.</source>
      <translation>{path} wurde kürzer, während es benutzt wurde; kopieren Sie das Modell noch einmal und wählen Sie seinen Ordner neu.</translation>
    </message>
    <message>
      <location filename="model/checkpoint/tensor_file.py" />
      <source>{path} was changed while it was in use; copy the model again and choose its folder again.</source>
      <translation>{path} wurde geändert, während es benutzt wurde; kopieren Sie das Modell noch einmal und wählen Sie seinen Ordner neu.</translation>
    </message>
    <message>
      <location filename="model/constraint/following.py" />
      <source>The answer could not be continued under its schema or grammar; ask again, or make it simpler.</source>
      <translation>Die Antwort ließ sich nach ihrem Schema oder ihrer Grammatik nicht fortsetzen; fragen Sie noch einmal, oder vereinfachen Sie Schema oder Grammatik.</translation>
    </message>
    <message>
      <location filename="model/constraint/grammar.py" />
      <source>The grammar for the answer cannot be used: {why}. Correct it.</source>
      <translation>Die Grammatik für die Antwort ist nicht verwendbar: {why}. Korrigieren Sie sie.</translation>
    </message>
    <message>
      <location filename="model/constraint/grammar.py" />
      <source>An answer cannot be restricted to a {kind}; use json_schema, regex, lark or gbnf.</source>
      <translation>Eine Antwort kann nicht an {kind} gebunden werden; verwenden Sie json_schema, regex, lark oder gbnf.</translation>
    </message>
    <message>
      <location filename="model/constraint/grammar.py" />
      <source>The schema or grammar for the answer is too long; the limit is {most} characters.</source>
      <translation>Das Schema oder die Grammatik für die Antwort ist zu lang; die Grenze sind {most} Zeichen.</translation>
    </message>
    <message>
      <location filename="model/constraint/grammar.py" />
      <source>The grammar names tokens of the model, such as &lt;eos&gt;; put text into quotation marks instead.</source>
      <translation>Die Grammatik nennt Token des Modells, etwa &lt;eos&gt;; setzen Sie stattdessen Text in Anführungszeichen.</translation>
    </message>
    <message>
      <location filename="model/constraint/grammar.py" />
      <source>The JSON schema for the answer cannot be used: {why}. Correct it.</source>
      <translation>Das JSON-Schema für die Antwort ist nicht verwendbar: {why}. Korrigieren Sie es.</translation>
    </message>
    <message>
      <location filename="model/constraint/grammar.py" />
      <source>The regular expression for the answer cannot be used: {why}. Correct it.</source>
      <translation>Der reguläre Ausdruck für die Antwort ist nicht verwendbar: {why}. Korrigieren Sie ihn.</translation>
    </message>
    <message>
      <location filename="model/drafter/config.py" />
      <source>{folder} holds no drafter for Gemma 4.</source>
      <translation>{folder} enthält kein Vorschlagsmodell für Gemma 4.</translation>
    </message>
    <message>
      <location filename="model/drafter/config.py" />
      <source>The drafter in {folder} belongs to another size of Gemma 4; use the one with this model's name.</source>
      <translation>Das Vorschlagsmodell in {folder} gehört zu einer anderen Größe von Gemma 4; verwenden Sie das mit dem Namen dieses Modells.</translation>
    </message>
    <message>
      <location filename="model/drafter/config.py" />
      <source>{path} does not describe a drafter ({why}); download it again.</source>
      <translation>{path} beschreibt kein Vorschlagsmodell ({why}); laden Sie es erneut herunter.</translation>
    </message>
    <message>
      <location filename="model/drafter/network.py" />
      <source>The drafter's order of tokens is damaged; download the drafter again.</source>
      <translation>Die Reihenfolge der Token im Vorschlagsmodell ist beschädigt; laden Sie es erneut herunter.</translation>
    </message>
    <message>
      <location filename="model/drafter/network.py" />
      <source>The drafter in {folder} cannot be read ({why}).</source>
      <translation>Das Vorschlagsmodell in {folder} kann nicht gelesen werden ({why}).</translation>
    </message>
    <message>
      <location filename="model/drafter/network.py" />
      <source>The drafter in {folder} has no {name}; download it again.</source>
      <translation>Dem Vorschlagsmodell in {folder} fehlt {name}; laden Sie es erneut herunter.</translation>
    </message>
    <message>
      <location filename="model/drafter/network.py" />
      <source>The drafter's {name} does not have the expected shape; download it again.</source>
      <translation>{name} des Vorschlagsmodells hat nicht die erwartete Form; laden Sie es erneut herunter.</translation>
    </message>
    <message>
      <location filename="model/engine/device_plan.py" />
      <source>That gives about {words} words a second.</source>
      <translation>Das ergibt etwa {words} Wörter pro Sekunde.</translation>
    </message>
    <message>
      <location filename="model/engine/device_plan.py" />
      <source>The experts of layers {first} to {last} stay in memory.</source>
      <translation>Die Experten der Schichten {first} bis {last} bleiben im Arbeitsspeicher.</translation>
    </message>
    <message>
      <location filename="model/engine/device_plan.py" />
      <source>Layers {first} to {last} go to {card}.</source>
      <translation>Die Schichten {first} bis {last} kommen auf {card}.</translation>
    </message>
    <message>
      <location filename="model/engine/device_plan.py" />
      <source>Layers {first} to {last} stay in memory.</source>
      <translation>Die Schichten {first} bis {last} bleiben im Arbeitsspeicher.</translation>
    </message>
    <message>
      <location filename="model/engine/engine.py" />
      <source>This model is larger than the memory that was free when it was opened, so parts of it are read from the disk while it answers.</source>
      <translation>Dieses Modell ist größer als der Speicher, der beim Öffnen frei war, daher werden Teile davon beim Antworten von der Festplatte gelesen.</translation>
    </message>
    <message>
      <location filename="model/engine/engine.py" />
      <source>The drafter beside this model is not used, because the model is spread over several devices.</source>
      <translation>Das Vorschlagsmodell neben diesem Modell wird nicht verwendet, weil das Modell auf mehrere Geräte verteilt ist.</translation>
    </message>
    <message>
      <location filename="model/engine/engine.py" />
      <source>{path} cannot be used ({why}); choose the model's folder again.</source>
      <translation>{path} kann nicht benutzt werden ({why}); wählen Sie den Ordner des Modells noch einmal.</translation>
    </message>
    <message>
      <location filename="model/engine/engine.py" />
      <source>The model could not answer because of an internal error ({error}); ask again or restart.</source>
      <translation>Das Modell konnte wegen eines internen Fehlers nicht antworten ({error}); fragen Sie noch einmal, oder starten Sie Lectern neu.</translation>
    </message>
    <message>
      <location filename="model/engine/engine.py" />
      <source>There is not enough memory for this request; attach fewer pages or frames, choose a lower image detail, or close other programs.</source>
      <translation>Der Speicher reicht für diese Frage nicht; hängen Sie weniger Seiten oder Einzelbilder an, wählen Sie weniger Bilddetails, oder schließen Sie andere Programme.</translation>
    </message>
    <message>
      <location filename="model/engine/engine.py" />
      <source>The graphics device stopped working; restart Lectern.</source>
      <translation>Die Grafikkarte arbeitet nicht mehr; starten Sie Lectern neu.</translation>
    </message>
    <message>
      <location filename="model/engine/engine.py" />
      <source>This machine has no {name} device that Lectern can use; choose cpu.</source>
      <translation>Dieser Rechner hat kein Gerät {name}, das Lectern benutzen kann; wählen Sie cpu.</translation>
    </message>
    <message>
      <location filename="model/engine/engine.py" />
      <source>There is no number format called {name}; choose bfloat16 or float32.</source>
      <translation>Ein Zahlenformat {name} gibt es nicht; wählen Sie bfloat16 oder float32.</translation>
    </message>
    <message>
      <location filename="model/engine/engine.py" />
      <source>The model is closed; open it again.</source>
      <translation>Das Modell ist geschlossen; öffnen Sie es wieder.</translation>
    </message>
    <message>
      <location filename="model/engine/engine.py" />
      <source>There is no device called {name}; choose cpu or cuda.</source>
      <translation>Ein Gerät namens {name} gibt es nicht; wählen Sie cpu oder cuda.</translation>
    </message>
    <message>
      <location filename="model/engine/engine.py" />
      <source>There is not enough memory to open this model; close other programs or choose a smaller model.</source>
      <translation>Der Speicher reicht nicht, um dieses Modell zu öffnen; schließen Sie andere Programme oder wählen Sie ein kleineres Modell.</translation>
    </message>
    <message>
      <location filename="model/engine/generation.py" />
      <source>The request has {tokens} tokens and the model's context holds {context}; attach fewer pages or frames, or choose a lower image detail.</source>
      <translation>Die Frage hat {tokens} Token, und der Kontext des Modells fasst {context}; hängen Sie weniger Seiten oder Einzelbilder an, oder wählen Sie weniger Bilddetails.</translation>
    </message>
    <message>
      <location filename="model/engine/generation.py" />
      <source>This model's chat template takes no pictures; ask about text only, or copy the newer chat_template.jinja from the published model into the model's folder.</source>
      <translation>Die Chat-Vorlage dieses Modells nimmt keine Bilder an; stellen Sie nur Fragen zu Text, oder kopieren Sie die neuere chat_template.jinja des veröffentlichten Modells in den Ordner des Modells.</translation>
    </message>
    <message>
      <location filename="model/engine/sampling.py" />
      <source>{path} cannot be read ({why}); copy the file from the published model again.</source>
      <translation>{path} kann nicht gelesen werden ({why}); kopieren Sie die Datei noch einmal vom veröffentlichten Modell.</translation>
    </message>
    <message>
      <location filename="model/engine/sampling.py" />
      <source>Sampling needs a temperature of 0 or more, top-p between 0 and 1 and top-k of 0 or more; change the settings.</source>
      <translation>Für die Auswahl der Token müssen die Temperatur und top-k 0 oder größer sein und top-p zwischen 0 und 1 liegen; ändern Sie die Einstellungen.</translation>
    </message>
    <message>
      <location filename="model/engine/sampling.py" />
      <source>The model's numbers overflowed; open the model folder again or choose another one.</source>
      <translation>Die Zahlen des Modells sind übergelaufen; öffnen Sie den Modellordner noch einmal oder wählen Sie einen anderen.</translation>
    </message>
    <message>
      <location filename="model/family/audio.py" />
      <source>The audio tower in the checkpoint does not fit its config.json ({why}); copy the model again.</source>
      <translation>Der Tonteil im Checkpoint passt nicht zu seiner config.json ({why}); kopieren Sie das Modell noch einmal.</translation>
    </message>
    <message>
      <location filename="model/family/audio.py" />
      <source>This model has no audio tower; ask about text and pictures only.</source>
      <translation>Dieses Modell hat keinen Tonteil; stellen Sie nur Fragen zu Text und Bildern.</translation>
    </message>
    <message>
      <location filename="model/family/audio.py" />
      <source>Listening was stopped.</source>
      <translation>Das Zuhören wurde abgebrochen.</translation>
    </message>
    <message>
      <location filename="model/family/audio_embedder.py" />
      <source>This model has no input for sound; ask about text and pictures only.</source>
      <translation>Dieses Modell hat keinen Eingang für Ton; stellen Sie nur Fragen zu Text und Bildern.</translation>
    </message>
    <message>
      <location filename="model/family/config_json.py" />
      <source>The model folder {folder} does not exist; choose another folder.</source>
      <translation>Den Modellordner {folder} gibt es nicht; wählen Sie einen anderen.</translation>
    </message>
    <message>
      <location filename="model/family/config_json.py" />
      <source>{folder} holds no config.json, so it is not a model folder; choose the folder that has config.json and the .safetensors files.</source>
      <translation>{folder} enthält kein config.json und ist daher kein Modellordner; wählen Sie den Ordner, der config.json und die .safetensors-Dateien enthält.</translation>
    </message>
    <message>
      <location filename="model/family/config_json.py" />
      <source>{path} is not a model configuration; copy the file from the published model again.</source>
      <translation>{path} ist keine Modellkonfiguration; kopieren Sie die Datei noch einmal vom veröffentlichten Modell.</translation>
    </message>
    <message>
      <location filename="model/family/config_json.py" />
      <source>{folder} holds {kind}, which Lectern does not run; choose a Gemma 4 folder such as google/gemma-4-26B-A4B-it.</source>
      <translation>{folder} enthält {kind}, das Lectern nicht ausführt; wählen Sie einen Ordner mit Gemma 4 wie google/gemma-4-26B-A4B-it.</translation>
    </message>
    <message>
      <location filename="model/family/config_json.py" />
      <source>{path} has no text_config; copy the file from the published model again.</source>
      <translation>{path} hat kein text_config; kopieren Sie die Datei noch einmal vom veröffentlichten Modell.</translation>
    </message>
    <message>
      <location filename="model/family/config_json.py" />
      <source>{path} describes a Gemma 4 that Lectern does not run ({details}); choose a Gemma 4 as Google published it.</source>
      <translation>{path} beschreibt ein Gemma 4, das Lectern nicht ausführt ({details}); wählen Sie ein Gemma 4, wie Google es veröffentlicht hat.</translation>
    </message>
    <message>
      <location filename="model/family/config_json.py" />
      <source>{path} leaves out hidden_size_per_layer_input, whose default of 256 fits only E2B and E4B; copy the file from the published model again.</source>
      <translation>In {path} fehlt hidden_size_per_layer_input, dessen Vorgabe 256 nur zu E2B und E4B passt; kopieren Sie die Datei noch einmal vom veröffentlichten Modell.</translation>
    </message>
    <message>
      <location filename="model/family/config_json.py" />
      <source>{path} is not a complete Gemma 4 configuration ({why}); copy the file from the published model again.</source>
      <translation>{path} ist keine vollständige Konfiguration von Gemma 4 ({why}); kopieren Sie die Datei noch einmal vom veröffentlichten Modell.</translation>
    </message>
    <message>
      <location filename="model/family/vision.py" />
      <source>The vision tower in the checkpoint does not fit its config.json ({why}); copy the model again.</source>
      <translation>Der Bildteil im Checkpoint passt nicht zu seiner config.json ({why}); kopieren Sie das Modell noch einmal.</translation>
    </message>
    <message>
      <location filename="model/family/vision.py" />
      <source>This model has no vision tower; ask about text only, or choose another model.</source>
      <translation>Dieses Modell hat keinen Bildteil; stellen Sie nur Fragen zu Text, oder wählen Sie ein anderes Modell.</translation>
    </message>
    <message>
      <location filename="model/family/vision.py" />
      <source>A picture of {width} × {height} px exceeds this model's limit of {limit} px per side; choose a lower image detail for it.</source>
      <translation>Ein Bild von {width} × {height} px überschreitet die Grenze dieses Modells von {limit} px je Seite; wählen Sie weniger Bilddetails dafür.</translation>
    </message>
    <message>
      <location filename="model/family/vision.py" />
      <source>A picture could no longer be read ({why}); attach its file again.</source>
      <translation>Ein Bild konnte nicht mehr gelesen werden ({why}); hängen Sie seine Datei noch einmal an.</translation>
    </message>
    <message>
      <location filename="model/family/vision.py" />
      <source>Looking at the picture was stopped.</source>
      <translation>Das Ansehen des Bildes wurde angehalten.</translation>
    </message>
    <message>
      <location filename="model/family/vision_embedder.py" />
      <source>This model has no input for pictures; ask about text only.</source>
      <translation>Dieses Modell hat keinen Eingang für Bilder; stellen Sie nur Fragen zu Text.</translation>
    </message>
    <message>
      <location filename="model/formats/nf4.py" />
      <source>The package bitsandbytes is missing; install Lectern again.</source>
      <translation>Das Paket bitsandbytes fehlt; installieren Sie Lectern noch einmal.</translation>
    </message>
    <message>
      <location filename="model/formats/nf4.py" />
      <source>{path} cannot be loaded ({why}); install Lectern again.</source>
      <translation>{path} kann nicht geladen werden ({why}); installieren Sie Lectern noch einmal.</translation>
    </message>
    <message>
      <location filename="model/prompt/building.py" />
      <source>There is no question to answer; ask one.</source>
      <translation>Es gibt keine Frage zu beantworten; stellen Sie eine.</translation>
    </message>
    <message>
      <location filename="model/prompt/building.py" />
      <source>This model cannot see pictures; attach text, or choose a model with vision.</source>
      <translation>Dieses Modell sieht keine Bilder; hängen Sie Text an, oder wählen Sie ein Modell, das sehen kann.</translation>
    </message>
    <message>
      <location filename="model/prompt/building.py" />
      <source>This model cannot hear; ask about text and pictures, or choose a model that hears, such as Gemma 4 E4B.</source>
      <translation>Dieses Modell kann nicht hören; fragen Sie nach Text und Bildern, oder wählen Sie ein Modell, das hört, etwa Gemma 4 E4B.</translation>
    </message>
    <message>
      <location filename="model/prompt/building.py" />
      <source>A picture is too small to be used; leave it out or attach a larger one.</source>
      <translation>Ein Bild ist zu klein; lassen Sie es weg oder hängen Sie ein größeres an.</translation>
    </message>
    <message>
      <location filename="model/prompt/media.py" />
      <source>The model's chat template leaves out or moves parts of the conversation; copy chat_template.jinja from the published model again.</source>
      <translation>Die Chat-Vorlage des Modells lässt Teile der Unterhaltung aus oder verschiebt sie; kopieren Sie chat_template.jinja noch einmal vom veröffentlichten Modell.</translation>
    </message>
    <message>
      <location filename="model/prompt/sounds.py" />
      <source>A piece of sound of {seconds} seconds exceeds the model's limit of {limit} seconds; cut it into shorter pieces.</source>
      <translation>Ein Tonabschnitt von {seconds} Sekunden überschreitet die Grenze des Modells von {limit} Sekunden; teilen Sie ihn in kürzere Abschnitte.</translation>
    </message>
    <message>
      <location filename="model/prompt/sounds.py" />
      <source>A piece of sound is too short to be used; leave it out or attach a longer one.</source>
      <translation>Ein Tonabschnitt ist zu kurz, um verwendet zu werden; lassen Sie ihn weg oder hängen Sie einen längeren an.</translation>
    </message>
    <message>
      <location filename="model/prompt/sounds.py" />
      <source>A recording could no longer be read ({why}); attach its file again.</source>
      <translation>Eine Aufnahme konnte nicht mehr gelesen werden ({why}); hängen Sie ihre Datei erneut an.</translation>
    </message>
    <message>
      <location filename="model/prompt/template_probe.py" />
      <source>This model's chat template takes no pictures, so only text can be asked about; if the model was trained with pictures, copy the newer chat_template.jinja from google/gemma-4-26B-A4B-it (or the Gemma 4 it was made from) into the folder.</source>
      <translation>Die Chat-Vorlage dieses Modells nimmt keine Bilder an, deshalb sind nur Fragen zu Text möglich; falls das Modell mit Bildern trainiert wurde, kopieren Sie die neuere chat_template.jinja aus google/gemma-4-26B-A4B-it (oder aus dem Gemma 4, aus dem es entstand) in den Ordner.</translation>
    </message>
    <message>
      <location filename="model/prompt/template_probe.py" />
      <source>This model's chat template takes no sound, so the model does not hear; copy the newer chat_template.jinja from google/gemma-4-E4B-it (or the Gemma 4 it was made from) into the folder.</source>
      <translation>Die Chat-Vorlage dieses Modells nimmt keinen Ton an, deshalb hört das Modell nicht; kopieren Sie die neuere chat_template.jinja von google/gemma-4-E4B-it (oder dem Gemma 4, aus dem es entstand) in den Ordner.</translation>
    </message>
    <message>
      <location filename="model/prompt/template_probe.py" />
      <source>This model's chat template is an older one, so the model cannot look closer or search by itself; copy the newer chat_template.jinja from google/gemma-4-26B-A4B-it (or the Gemma 4 it was made from) into the folder.</source>
      <translation>Die Chat-Vorlage dieses Modells ist eine ältere, deshalb kann das Modell nicht von sich aus genauer hinsehen oder suchen; kopieren Sie die neuere chat_template.jinja aus google/gemma-4-26B-A4B-it (oder aus dem Gemma 4, aus dem es entstand) in den Ordner.</translation>
    </message>
    <message>
      <location filename="model/prompt/tokenizer.py" />
      <source>{folder} holds no chat template; copy chat_template.jinja from the published model.</source>
      <translation>{folder} enthält keine Chat-Vorlage; kopieren Sie chat_template.jinja vom veröffentlichten Modell.</translation>
    </message>
    <message>
      <location filename="model/prompt/tokenizer.py" />
      <source>The tokenizer in {folder} turns ordinary text into control tokens; copy tokenizer.json from the published model again.</source>
      <translation>Der Tokenizer in {folder} macht aus gewöhnlichem Text Steuertoken; kopieren Sie tokenizer.json noch einmal vom veröffentlichten Modell.</translation>
    </message>
    <message>
      <location filename="model/prompt/tokenizer.py" />
      <source>The tokenizer in {folder} cannot be read ({why}); copy tokenizer.json and tokenizer_config.json from the published model again.</source>
      <translation>Der Tokenizer in {folder} kann nicht gelesen werden ({why}); kopieren Sie tokenizer.json und tokenizer_config.json noch einmal vom veröffentlichten Modell.</translation>
    </message>
    <message>
      <location filename="model/prompt/tokenizer.py" />
      <source>The chat template in {folder} cannot write this conversation ({why}); copy chat_template.jinja from the published model again.</source>
      <translation>Die Chat-Vorlage in {folder} kann diese Unterhaltung nicht schreiben ({why}); kopieren Sie chat_template.jinja noch einmal vom veröffentlichten Modell.</translation>
    </message>
    <message>
      <location filename="model/prompt/tool_prompt.py" />
      <source>The model's chat template cannot continue after a function call; copy a newer chat_template.jinja from the published model.</source>
      <translation>Die Chat-Vorlage des Modells kann nach einem Funktionsaufruf nicht fortfahren; kopieren Sie ein neueres chat_template.jinja vom veröffentlichten Modell.</translation>
    </message>
  </context>
</TS>
