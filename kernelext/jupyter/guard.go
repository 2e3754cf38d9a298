package jupyter

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"net"
	"sync"
	"time"

	"github.com/go-zeromq/zmq4"
	"github.com/go-zeromq/zmq4/transport"
)

// MaxFrame is the largest frame in bytes that the kernel takes. ZeroMQ
// announces the size of a frame before its content, and package zmq4 allocates
// what is announced.
const MaxFrame = 64 << 20

const (
	handshakeTime = 3 * time.Second  // for the greeting of a connection
	sendTime      = 10 * time.Second // for a client to take what it is sent
)

// The transports that put a guard before package zmq4.
const (
	guardedTCP = "guardedtcp"
	guardedIPC = "guardedipc"
)

var registerGuards = sync.OnceValue(func() error {
	return errors.Join(
		zmq4.RegisterTransport(guardedTCP, guarded{transport.New("tcp")}),
		zmq4.RegisterTransport(guardedIPC, guarded{transport.New("unix")}))
})

// guard is what the connections of one socket report. It travels in the
// context of the socket.
type guard struct {
	refused    func(error)        // a connection was closed for what it sent
	subscribed func(topic string) // a client subscribed; may be nil
}

type guardKey struct{}

// guarded is a transport whose connections are checked.
type guarded struct{ transport.Transport }

func (t guarded) Listen(ctx context.Context, addr string) (net.Listener, error) {
	l, err := t.Transport.Listen(ctx, addr)
	if err != nil {
		return nil, err
	}
	g, _ := ctx.Value(guardKey{}).(*guard)
	if g == nil {
		g = &guard{refused: func(error) {}}
	}
	return &guardedListener{l, g}, nil
}

type guardedListener struct {
	net.Listener
	guard *guard
}

func (l *guardedListener) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	if err != nil {
		time.Sleep(time.Millisecond) // package zmq4 asks again at once
		return nil, err
	}
	// zmq4 greets one connection after the other: a silent one must not keep
	// the others out.
	if err := c.SetDeadline(time.Now().Add(handshakeTime)); err != nil {
		c.Close()
		return nil, err
	}
	return &guardedConn{Conn: c, guard: l.guard, skip: greetingSize}, nil
}

const greetingSize = 64 // of ZMTP 3

// guardedConn follows the frames that arrive.
type guardedConn struct {
	net.Conn
	guard *guard

	skip  uint64 // bytes of greeting or body still to come
	head  []byte // of the frame that begins
	body  []byte // the first bytes of the frame, for subscriptions
	flags byte
	begun bool // a frame has been read, so the greeting is over
	ready bool // the handshake is over
}

func (c *guardedConn) Read(p []byte) (int, error) {
	n, err := c.Conn.Read(p)
	if bad := c.follow(p[:n]); bad != nil {
		c.guard.refused(bad)
		c.Conn.Close()
		return 0, bad
	}
	return n, err
}

func (c *guardedConn) Write(p []byte) (int, error) {
	if c.ready {
		if err := c.Conn.SetWriteDeadline(time.Now().Add(sendTime)); err != nil {
			return 0, err
		}
	}
	n, err := c.Conn.Write(p)
	if err != nil {
		c.Conn.Close() // half a message is under way: nothing sensible can follow
	}
	return n, err
}

// Bits of the flags of a ZMTP frame.
const (
	flagLong    = 2
	flagCommand = 4
)

// subscriptionMax is how much of a short frame is kept.
const subscriptionMax = 256

// follow reads p as frames.
func (c *guardedConn) follow(p []byte) error {
	for len(p) > 0 {
		if c.skip > 0 {
			n := min(c.skip, uint64(len(p)))
			if c.begun && len(c.body) < subscriptionMax {
				c.body = append(c.body, p[:min(n, subscriptionMax)]...)
			}
			c.skip -= n
			p = p[n:]
			if c.skip == 0 {
				c.frame()
			}
			continue
		}
		c.head = append(c.head, p[0])
		p = p[1:]
		size, whole := frameSize(c.head)
		if !whole {
			continue
		}
		if size > MaxFrame {
			return fmt.Errorf("a frame of %d bytes, more than the %d accepted", size, MaxFrame)
		}
		c.flags, c.head, c.body, c.begun, c.skip = c.head[0], c.head[:0], c.body[:0], true, size
		if size == 0 {
			c.frame()
		}
	}
	return nil
}

// frameSize reads the header of a frame, if head is all of it.
func frameSize(head []byte) (size uint64, whole bool) {
	if head[0]&flagLong == 0 {
		if len(head) < 2 {
			return 0, false
		}
		return uint64(head[1]), true
	}
	if len(head) < 9 {
		return 0, false
	}
	return binary.BigEndian.Uint64(head[1:]), true
}

// frame is called when a frame, or the greeting, has arrived.
func (c *guardedConn) frame() {
	if !c.begun {
		return
	}
	if !c.ready {
		c.ready = true // the first frame is the READY command
		c.Conn.SetDeadline(time.Time{})
		return
	}
	if c.guard.subscribed == nil {
		return
	}
	const command = "\x09SUBSCRIBE"
	switch {
	case c.flags&flagCommand != 0 && len(c.body) >= len(command) && string(c.body[:len(command)]) == command:
		c.guard.subscribed(string(c.body[len(command):]))
	case c.flags&flagCommand == 0 && len(c.body) > 0 && c.body[0] == 1:
		c.guard.subscribed(string(c.body[1:]))
	}
}
