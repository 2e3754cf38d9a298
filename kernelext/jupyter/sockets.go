package jupyter

import (
	"context"
	"fmt"
	"sync"

	"github.com/go-zeromq/zmq4"
)

// channel is a socket and the lock that its Sends need.
type channel struct {
	name string
	sock zmq4.Socket
	mu   sync.Mutex
}

func (c *channel) send(frames [][]byte) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.sock.SendMulti(zmq4.NewMsgFrom(frames...))
}

// channels are the five sockets of a kernel.
type channels struct {
	shell, control, stdin, heartbeat, iopub *channel
}

// listen binds the five sockets of c.
func listen(ctx context.Context, c *connection, refused func(channel string, err error), subscribed func(topic string)) (*channels, error) {
	if err := registerGuards(); err != nil {
		return nil, fmt.Errorf("jupyter: %w", err)
	}
	chs := &channels{}
	open := func(name string, port int, make func(context.Context, ...zmq4.Option) zmq4.Socket) (*channel, error) {
		g := &guard{refused: func(err error) { refused(name, err) }}
		if name == "iopub" {
			g.subscribed = subscribed
		}
		ch := &channel{name: name, sock: make(context.WithValue(ctx, guardKey{}, g), zmq4.WithLogger(quiet))}
		if err := ch.sock.Listen(c.endpoint(port)); err != nil {
			return ch, fmt.Errorf("jupyter: %s channel: %w", name, err)
		}
		return ch, nil
	}
	var errs [5]error
	chs.shell, errs[0] = open("shell", c.ShellPort, zmq4.NewRouter)
	chs.control, errs[1] = open("control", c.ControlPort, zmq4.NewRouter)
	chs.stdin, errs[2] = open("stdin", c.StdinPort, zmq4.NewRouter)
	chs.heartbeat, errs[3] = open("heartbeat", c.HBPort, zmq4.NewRouter)
	chs.iopub, errs[4] = open("iopub", c.IOPubPort, zmq4.NewPub)
	for _, err := range errs {
		if err != nil {
			chs.close()
			return nil, err
		}
	}
	return chs, nil
}

func (c *channels) close() {
	for _, ch := range []*channel{c.shell, c.control, c.stdin, c.heartbeat, c.iopub} {
		if ch.sock.Addr() != nil { // Close of a socket that never listened waits for ever
			ch.sock.Close()
		}
	}
}

// receive passes what arrives on ch to handle until the socket is closed.
func (c *channel) receive(ctx context.Context, handle func([][]byte)) {
	for ctx.Err() == nil {
		msg, err := c.sock.Recv()
		if err != nil {
			continue // of one connection; the others live on
		}
		handle(msg.Frames)
	}
}
