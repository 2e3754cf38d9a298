//go:build unix

package jupyter

import (
	"context"
	"encoding/json"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/go-zeromq/zmq4"

	"github.com/lowrankgo/lowrank/kernelext/engine"
	"github.com/lowrankgo/lowrank/kernelext/show"
)

// scripted is an engine that does what the cell says, line by line: "print X",
// "err X", "show X", "value X", "fail X", "block", "deaf", "panic".
type scripted struct{ started chan string }

func (e *scripted) Name() string { return "scripted" }
func (e *scripted) Close() error { return nil }

func (e *scripted) Check(code string) engine.Completeness {
	if strings.HasSuffix(code, "{") {
		return engine.Completeness{Status: "incomplete", Indent: "\t"}
	}
	return engine.Completeness{Status: "complete"}
}

func (e *scripted) Complete(code string, cursor int) engine.Completion {
	return engine.Completion{Matches: []engine.Match{{Text: code + "!", Type: "variable"}}, Start: 0, End: cursor}
}

func text(s string) show.Data { return show.Data{MIME: map[string]any{"text/plain": s}} }

func (e *scripted) Eval(ctx context.Context, cell engine.Cell, out engine.Output) (value *show.Data, err error) {
	for _, line := range strings.Split(cell.Code, "\n") {
		word, rest, _ := strings.Cut(line, " ")
		switch word {
		case "print":
			out.Stream("stdout", rest)
		case "err":
			out.Stream("stderr", rest)
		case "show":
			out.Display(text(rest))
		case "value":
			d := text(rest)
			value = &d
		case "fail":
			return nil, &engine.Error{Name: "Failed", Message: rest, Traceback: []string{"Failed: " + rest}}
		case "block":
			e.started <- cell.Name
			<-ctx.Done()
			return value, &engine.Error{Name: "Interrupted", Message: "stopped", Traceback: []string{"stopped"}}
		case "panic":
			panic(rest)
		}
	}
	return value, nil
}

// client is a Jupyter client with one kernel.
type client struct {
	t      *testing.T
	conn   connection
	signer signer
	shell  zmq4.Socket
	ctl    zmq4.Socket
	hb     zmq4.Socket
	engine *scripted
	ended  chan error // from Serve

	iopub   chan *message // what iopub sent
	replies map[string]chan *message
}

// startKernel serves a scripted engine and connects to it.
func startKernel(t *testing.T, transport string) *client {
	t.Helper()
	c := &client{t: t, engine: &scripted{started: make(chan string, 10)}, ended: make(chan error, 1),
		iopub: make(chan *message, 10000), replies: map[string]chan *message{}}
	c.conn = connection{Transport: transport, IP: "127.0.0.1", Key: "secret", SignatureScheme: "hmac-sha256"}
	if transport == "ipc" {
		c.conn.IP = filepath.Join(t.TempDir(), "k")
	}
	for i, p := range freePorts(t, 5) {
		*[]*int{&c.conn.ShellPort, &c.conn.IOPubPort, &c.conn.StdinPort, &c.conn.ControlPort, &c.conn.HBPort}[i] = p
	}
	c.signer = signer(c.conn.Key)
	file := filepath.Join(t.TempDir(), "connection.json")
	data, err := json.Marshal(c.conn)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, data, 0o600); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	go func() {
		c.ended <- Serve(ctx, file, func() (engine.Engine, error) { return c.engine, nil },
			Info{Implementation: "test", Version: "1.2.3", Banner: "hello"})
	}()
	c.connect()
	t.Cleanup(func() {
		cancel()
		for _, s := range []zmq4.Socket{c.shell, c.ctl, c.hb} {
			s.Close()
		}
	})
	return c
}

func freePorts(t *testing.T, n int) []int {
	t.Helper()
	var ports []int
	for range n {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		defer l.Close()
		ports = append(ports, l.Addr().(*net.TCPAddr).Port)
	}
	return ports
}

// address is the endpoint of a port for a client.
func (c *client) address(port int) string {
	if c.conn.Transport == "ipc" {
		return fmt.Sprintf("ipc://%s-%d", c.conn.IP, port)
	}
	return fmt.Sprintf("tcp://%s:%d", c.conn.IP, port)
}

func (c *client) connect() {
	c.t.Helper()
	ctx := context.Background()
	dial := func(s zmq4.Socket, port int) zmq4.Socket {
		c.t.Helper()
		if err := s.Dial(c.address(port)); err != nil {
			c.t.Fatal(err)
		}
		return s
	}
	retry := zmq4.WithDialerRetry(20 * time.Millisecond)
	id := zmq4.WithID(zmq4.SocketIdentity("client-" + newID()[:8]))
	c.shell = dial(zmq4.NewDealer(ctx, id, retry), c.conn.ShellPort)
	c.ctl = dial(zmq4.NewDealer(ctx, id, retry), c.conn.ControlPort)
	c.hb = dial(zmq4.NewReq(ctx, retry), c.conn.HBPort)
	sub := zmq4.NewSub(ctx, retry)
	if err := sub.SetOption(zmq4.OptionSubscribe, ""); err != nil {
		c.t.Fatal(err)
	}
	dial(sub, c.conn.IOPubPort)
	c.t.Cleanup(func() { sub.Close() })
	for name, s := range map[string]zmq4.Socket{"shell": c.shell, "control": c.ctl} {
		c.replies[name] = make(chan *message, 1000)
		go c.listen(s, c.replies[name])
	}
	go c.listen(sub, c.iopub)
	c.want(c.iopub, "iopub_welcome")
}

func (c *client) listen(s zmq4.Socket, to chan<- *message) {
	for {
		msg, err := s.Recv()
		if err != nil {
			return
		}
		m, err := c.signer.decode(msg.Frames)
		if err != nil {
			c.t.Errorf("a message of the kernel: %v", err)
			return
		}
		to <- m
	}
}

// send sends a request and returns its id.
func (c *client) send(channel, msgType string, content any) string {
	c.t.Helper()
	h := header{MsgID: newID(), Session: "test", MsgType: msgType, Version: protocolVersion}
	frames, err := c.signer.encode(nil, h, nil, content)
	if err != nil {
		c.t.Fatal(err)
	}
	c.sendFrames(channel, frames)
	return h.MsgID
}

func (c *client) sendFrames(channel string, frames [][]byte) {
	c.t.Helper()
	s := map[string]zmq4.Socket{"shell": c.shell, "control": c.ctl}[channel]
	if err := s.SendMulti(zmq4.NewMsgFrom(frames...)); err != nil {
		c.t.Fatal(err)
	}
}

// receive is the next message of a channel.
func (c *client) receive(from <-chan *message) *message {
	c.t.Helper()
	select {
	case m := <-from:
		return m
	case <-time.After(5 * time.Second):
		c.t.Fatal("no message within 5 s")
		return nil
	}
}

// want waits for a message of a type, skipping others.
func (c *client) want(from <-chan *message, msgType string) *message {
	c.t.Helper()
	for {
		if m := c.receive(from); m.header.MsgType == msgType {
			return m
		}
	}
}

// reply is the content of the next reply.
func (c *client) reply(channel string) map[string]any {
	c.t.Helper()
	return c.receive(c.replies[channel]).object(c.t)
}

func (m *message) object(t *testing.T) map[string]any {
	t.Helper()
	var o map[string]any
	if err := m.read(&o); err != nil {
		t.Fatal(err)
	}
	return o
}

// execute runs a cell and returns the content of the reply and what iopub sent
// from busy to idle, each as "type" or "type:text".
func (c *client) execute(content map[string]any) (map[string]any, []string) {
	c.t.Helper()
	id := c.send("shell", "execute_request", content)
	reply := c.reply("shell")
	return reply, c.until(id)
}

// until lists what iopub sent for a request up to its idle status.
func (c *client) until(id string) []string {
	c.t.Helper()
	var list []string
	for {
		m := c.receive(c.iopub)
		var parent header
		if err := json.Unmarshal(m.parent, &parent); err != nil {
			c.t.Fatal(err)
		}
		if parent.MsgID != id {
			continue
		}
		o := m.object(c.t)
		entry := m.header.MsgType
		for _, key := range []string{"execution_state", "text", "evalue", "code"} {
			if s, ok := o[key].(string); ok {
				entry += ":" + s
			}
		}
		if d, ok := o["data"].(map[string]any); ok {
			entry += fmt.Sprintf(":%v", d["text/plain"])
		}
		list = append(list, entry)
		if entry == "status:idle" {
			return list
		}
	}
}
