// A mail server that takes XOAUTH2 over STARTTLS and nothing else, made of npm's smtp-server. It tells on standard output
// what it hears, one JSON document on each line: {"port"}, {"login": "user token"}, {"mail": {"from", "to", "text"}}.
// node server.js KEY.pem CERT.pem USER TOKEN…   (the tokens that are good for that user)
'use strict'

const { readFileSync } = require('node:fs')
const { SMTPServer } = require('smtp-server')

const [key, cert, user, ...tokens] = process.argv.slice(2)
const tell = (what) => process.stdout.write(JSON.stringify(what) + '\n')

const server = new SMTPServer({
  key: readFileSync(key),
  cert: readFileSync(cert),
  authMethods: ['XOAUTH2'],
  onAuth (auth, session, done) {
    tell({ login: `${auth.username} ${auth.accessToken}`, secure: session.secure })
    if (auth.username === user && tokens.includes(auth.accessToken)) return done(null, { user })
    // A challenge first, as Gmail does, then a 535.
    done(null, { data: { status: '401', schemes: 'bearer', scope: 'https://mail.google.com/' } })
  },
  onData (stream, session, done) {
    const parts = []
    stream.on('data', (part) => parts.push(part))
    stream.on('end', () => {
      const { mailFrom, rcptTo } = session.envelope
      const to = rcptTo.map((recipient) => recipient.address)
      tell({ mail: { from: mailFrom.address, to, text: Buffer.concat(parts).toString() } })
      done(null, 'queued as 4711')
    })
  }
})
server.on('error', () => {})
server.listen(0, '127.0.0.1', () => tell({ port: server.server.address().port }))
// It ends with its test.
process.stdin.resume()
process.stdin.on('end', () => process.exit(0))
