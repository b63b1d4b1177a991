"""The ways a contact can be made, shared by the preferred channel and the contact log."""

CHANNELS = [
    ("phone", "Phone"),
    ("meeting", "Meeting"),
    ("visit", "Visit"),
    ("email", "Email"),
    ("chat", "Chat"),
    ("letter", "Letter"),
    ("other", "Other"),
]
