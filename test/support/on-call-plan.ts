/** What the kiosk says when it has sent all, and has not reported the last of it. */
export const KIOSK_SENT = 'sent'
