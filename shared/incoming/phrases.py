"""What mail programs write around a quote, in the languages in which they write it. Patterns, matched in small letters.

Add what a mail shows that is not taken apart; put the mail among the tests (`tests/shared/incoming/mails`).
"""

# "-----Original Message-----"
ORIGINAL_MESSAGE = (
    *("original message", "forwarded message", "ursprüngliche nachricht", "originalnachricht", "urspr. nachricht"),
    *("weitergeleitete nachricht", "message d'origine", "message d’origine", "mensaje original", "messaggio originale"),
    *("mensagem original", "oorspronkelijk bericht", "ursprungligt meddelande", "oprindelig meddelelse"),
    *("opprinnelig melding", "alkuperäinen viesti", "wiadomość oryginalna", "původní zpráva", "исходное сообщение"),
    *("原始邮件", "原始郵件", "元のメッセージ"),
)
FORWARDED = (
    *("begin forwarded message:", "anfang der weitergeleiteten nachricht:", "début du message réexpédié :"),
    *("inicio del mensaje reenviado:", "inizio messaggio inoltrato:"),
)
# The header block that Outlook puts above an unmarked quote: sender, date, recipient, subject.
SENDER = (
    *("from", "von", "de", "da", "van", "från", "fra", "lähettäjä", "od", "от", "від", "από", "kimden", "feladó"),
    *("expeditor", "寄件者", "寄件人", "发件人", "差出人", "보낸 사람", "מאת", "من"),
)
DATE = (
    *("sent", "date", "gesendet", "datum", "envoyé", "enviado", "enviado el", "enviada em", "fecha", "data", "inviato"),
    *("verzonden", "skickat", "sendt", "dato", "lähetetty", "päivämäärä", "wysłano", "wysłane", "odesláno", "дата"),
    *("отправлено", "надіслано", "ημερομηνία", "gönderildi", "tarih", "elküldve", "dátum", "trimis", "寄件日期"),
    *("发送时间", "日期", "送信日時", "보낸 날짜", "날짜", "נשלח", "تاريخ"),
)
RECIPIENT = (
    *("to", "an", "à", "a", "para", "aan", "till", "til", "vastaanottaja", "do", "komu", "кому", "προς", "kime"),
    *("címzett", "către", "收件者", "收件人", "宛先", "받는 사람", "אל", "إلى"),
)
SUBJECT = (
    *("subject", "betreff", "objet", "asunto", "oggetto", "assunto", "onderwerp", "ämne", "emne", "aihe", "temat"),
    *(
        "předmět",
        "predmet",
        "тема",
        "θέμα",
        "konu",
        "tárgy",
        "subiect",
        "主旨",
        "主题",
        "件名",
        "제목",
        "נושא",
        "الموضوع",
    ),
)
# "On Friday Anna wrote:"
WROTE = (
    *("wrote", "schrieb", "a écrit", "escribió", "ha scritto", "escreveu", "schreef", "geschreven", "skrev"),
    *("kirjoitti", "napisał", "napisała", "pisze", "napsal", "napsala", "napísal", "írta", "a scris", "написал"),
    *("написала", "написав", "пише", "пишет", "писал", "έγραψε", "yazdı", "đã viết", "je napisao", "je napisala"),
    *("rašė", "rakstīja", "כתב", "כתבה", "كتب"),
)
WROTE_WITHIN_A_WORD = ("写道", "寫道", "작성", "のメール", "さんは書きました")
OPENERS = (
    *("on", "am", "le", "el", "il", "em", "op", "den", "dnia", "dne", "w dniu", "ma", "pe", "în", "på", "ngày"),
    *("tarihinde", "στις", "بتاريخ", "בתאריך"),
)
# "Sent from my telephone"
SENT_FROM = (
    *("sent from", "sent via", "get outlook for", "von meinem .{1,40} gesendet", "gesendet (?:von|mit)"),
    *("diese nachricht wurde von", "envoyé (?:de|depuis|avec)", "enviado (?:desde|do|de|a partir)", "inviato da"),
    *("verzonden (?:vanaf|met|via)", "skickat från", "sendt fra", "lähetetty", "wysłan[eo] z", "odesláno z"),
    *("отправлено (?:с|из)", "надіслано з", "στάλθηκε από", "iphoneから送信", "发自我的", "從我的", "傳送自"),
)
