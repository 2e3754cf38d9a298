package jupyter

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log"
	"os"
	"os/signal"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/lowrankgo/lowrank/kernelext/engine"
)

// Info says who the kernel is.
type Info struct {
	Implementation string // such as "lowrank"
	Version        string
	Banner         string     // what a console shows at the start
	HelpLinks      []HelpLink // for the help menu; may be nil
}

// HelpLink is an entry of a help menu.
type HelpLink struct {
	Text string `json:"text"`
	URL  string `json:"url"`
}

// quiet drops what package zmq4 says about connections that fail to greet.
var quiet = log.New(io.Discard, "", 0)

// kernel is a served engine.
type kernel struct {
	info    Info
	session string
	signer  signer
	chs     *channels
	log     *log.Logger
	dropped atomic.Int64

	ready  chan struct{} // closed when engine is set
	engine engine.Engine

	queue   *queue
	count   int // of executed cells
	history history

	abortBefore time.Time // execute requests that arrived earlier are aborted

	mu   sync.Mutex
	stop context.CancelCauseFunc // of the running cell, or nil

	quit context.CancelFunc
}

// Serve runs a kernel on the sockets that connectionFile names until a client
// asks for its shutdown, ctx ends, the process gets SIGTERM, or the Jupyter
// server that started it is gone; the result is then nil. SIGINT interrupts
// the running cell. newEngine is called once.
func Serve(ctx context.Context, connectionFile string, newEngine func() (engine.Engine, error), info Info) error {
	conn, err := readConnection(connectionFile)
	if err != nil {
		return err
	}
	ctx, quit := context.WithCancel(ctx)
	defer quit()
	k := &kernel{
		info: info, session: newID(), signer: signer(conn.Key), quit: quit,
		log:   log.New(os.Stderr, "kernel: ", log.LstdFlags),
		ready: make(chan struct{}), queue: newQueue(),
	}
	if k.chs, err = listen(context.WithoutCancel(ctx), conn, k.refused, k.welcome); err != nil {
		return err
	}
	defer k.chs.close()
	k.publish(nil, "status", map[string]any{"execution_state": "starting"})

	signals := make(chan os.Signal, 4)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	defer signal.Stop(signals)
	go k.signals(ctx, signals)
	go watchParent(ctx, quit)
	go k.chs.shell.receive(ctx, k.take(k.chs.shell, k.queue.push))
	go k.chs.control.receive(ctx, k.take(k.chs.control, k.handleControl))
	go k.chs.stdin.receive(ctx, func([][]byte) {}) // cells cannot ask for input
	go k.chs.heartbeat.receive(ctx, func(frames [][]byte) { k.chs.heartbeat.send(frames) })

	if k.engine, err = newEngine(); err != nil {
		return fmt.Errorf("jupyter: %w", err)
	}
	close(k.ready)
	worked := make(chan struct{})
	go func() {
		defer close(worked)
		k.work(ctx)
	}()
	<-ctx.Done()
	k.interrupt(errors.New("the kernel shuts down"))
	select { // a cell that is left behind does not hold the kernel
	case <-worked:
	case <-time.After(time.Second):
	}
	time.Sleep(50 * time.Millisecond) // for the last messages to leave
	return k.engine.Close()
}

// signals interrupts the cell on SIGINT and ends the kernel on SIGTERM.
func (k *kernel) signals(ctx context.Context, signals <-chan os.Signal) {
	for {
		select {
		case <-ctx.Done():
			return
		case s := <-signals:
			if s == os.Interrupt {
				k.interrupt(context.Canceled)
			} else {
				k.quit()
			}
		}
	}
}

// interrupt ends the context of the running cell.
func (k *kernel) interrupt(cause error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.stop != nil {
		k.stop(cause)
	}
}

// take reads the messages of a channel and passes the good ones on.
func (k *kernel) take(ch *channel, next func(*message)) func([][]byte) {
	return func(frames [][]byte) {
		m, err := k.signer.decode(frames)
		if err != nil {
			k.refused(ch.name, err)
			return
		}
		m.channel = ch
		next(m)
	}
}

// refused counts and logs a message or connection that was dropped.
func (k *kernel) refused(channel string, err error) {
	k.log.Printf("dropped a message on %s: %v (%d so far)", channel, err, k.dropped.Add(1))
}

// welcome tells a new subscriber of iopub that it will now get everything.
func (k *kernel) welcome(topic string) {
	time.AfterFunc(5*time.Millisecond, func() { // the guard sees it before package zmq4 does
		k.publishTo([]byte(topic), nil, "iopub_welcome", map[string]any{"subscription": topic})
	})
}

func (k *kernel) newHeader(msgType string) header {
	return header{
		MsgID: newID(), Session: k.session, Username: "kernel", MsgType: msgType, Version: protocolVersion,
		Date: time.Now().UTC().Format("2006-01-02T15:04:05.000000Z"),
	}
}

// publish sends a message to everybody.
func (k *kernel) publish(parent *message, msgType string, content any) {
	k.publishTo([]byte(msgType), parent, msgType, content)
}

func (k *kernel) publishTo(topic []byte, parent *message, msgType string, content any) {
	var raw json.RawMessage
	if parent != nil {
		raw = parent.raw
	}
	k.deliver(k.chs.iopub, [][]byte{topic}, raw, msgType, content)
}

// reply answers a request on the channel where it arrived.
func (k *kernel) reply(to *message, msgType string, content any) {
	k.deliver(to.channel, to.ids, to.raw, msgType, content)
}

func (k *kernel) deliver(ch *channel, ids [][]byte, parent json.RawMessage, msgType string, content any) {
	frames, err := k.signer.encode(ids, k.newHeader(msgType), parent, content)
	if err == nil {
		err = ch.send(frames)
	}
	if err != nil {
		k.log.Printf("cannot send %s on %s: %v", msgType, ch.name, err)
	}
}
