package jupyter

import (
	"bytes"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"time"
)

// protocolVersion is the version of the messaging protocol.
const protocolVersion = "5.4"

// delimiter separates the routing frames from the message.
var delimiter = []byte("<IDS|MSG>")

// header is the header of a message.
type header struct {
	MsgID    string `json:"msg_id"`
	Session  string `json:"session"`
	Username string `json:"username"`
	Date     string `json:"date"`
	MsgType  string `json:"msg_type"`
	Version  string `json:"version"`
}

// message is a message as it arrived.
type message struct {
	ids     [][]byte // routing frames
	header  header
	raw     json.RawMessage // the header as it arrived: the parent of the answers
	parent  json.RawMessage // the header that this message answers
	content json.RawMessage
	arrived time.Time
	channel *channel // where it arrived and its reply goes
}

// signer signs and checks the four parts of a message. An empty key means no
// signatures.
type signer []byte

func (s signer) sign(parts [][]byte) []byte {
	if len(s) == 0 {
		return nil
	}
	mac := hmac.New(sha256.New, s)
	for _, p := range parts {
		mac.Write(p)
	}
	return []byte(hex.EncodeToString(mac.Sum(nil)))
}

// decode checks the frames of a message and reads them.
func (s signer) decode(frames [][]byte) (*message, error) {
	at := -1
	for i, f := range frames {
		if bytes.Equal(f, delimiter) {
			at = i
			break
		}
	}
	if at < 0 {
		return nil, errors.New("no delimiter <IDS|MSG>")
	}
	if len(frames) < at+6 {
		return nil, fmt.Errorf("%d frames after the delimiter, want a signature and 4 parts", len(frames)-at-1)
	}
	signature, parts := frames[at+1], frames[at+2:at+6]
	if !hmac.Equal(signature, s.sign(parts)) && len(s) > 0 {
		return nil, errors.New("wrong signature")
	}
	m := &message{ids: frames[:at], raw: parts[0], parent: parts[1], content: parts[3], arrived: time.Now()}
	if err := json.Unmarshal(parts[0], &m.header); err != nil {
		return nil, fmt.Errorf("header: %w", err)
	}
	if m.header.MsgType == "" {
		return nil, errors.New("header without msg_type")
	}
	var object map[string]json.RawMessage
	if err := json.Unmarshal(m.content, &object); err != nil || object == nil {
		return nil, fmt.Errorf("content of %s is not a JSON object", m.header.MsgType)
	}
	return m, nil
}

// encode makes the frames of a message of this kernel. A nil parent is an
// empty one.
func (s signer) encode(ids [][]byte, h header, parent json.RawMessage, content any) ([][]byte, error) {
	head, err := json.Marshal(h)
	if err != nil {
		return nil, err
	}
	body, err := json.Marshal(content)
	if err != nil {
		return nil, fmt.Errorf("content of %s: %w", h.MsgType, err)
	}
	if parent == nil {
		parent = json.RawMessage("{}")
	}
	parts := [][]byte{head, parent, []byte("{}"), body}
	frames := append([][]byte{}, ids...)
	return append(append(frames, delimiter, s.sign(parts)), parts...), nil
}

// newID is a random identifier.
func newID() string {
	var b [16]byte
	rand.Read(b[:]) // never fails
	return hex.EncodeToString(b[:])
}
