//go:build !js

// Package capture redirects what a cell prints, by whatever road it reaches
// os.Stdout and os.Stderr, to a function, and can wait until all of it has
// arrived there.
package capture

import (
	"bytes"
	"fmt"
	"io"
	"log"
	"os"
	"sync"
	"sync/atomic"
	"time"
	"unicode/utf8"
)

// patience bounds the wait of a flush: the other end of the pipe is this
// process, which answers at once unless the sink itself hangs.
const patience = 2 * time.Second

// Capture is a running redirection. One process has one pair of standard
// streams, so at most one Capture may be active at a time.
type Capture struct {
	streams  [2]*stream // stdout and stderr
	out, err *os.File   // what they were before
	logger   io.Writer
}

// Start redirects os.Stdout, os.Stderr and the standard logger to sink, which
// is called with the name "stdout" or "stderr" and valid pieces of UTF-8, from
// two goroutines.
func Start(sink func(name, text string)) (*Capture, error) {
	c := &Capture{out: os.Stdout, err: os.Stderr, logger: log.Writer()}
	for i, name := range []string{"stdout", "stderr"} {
		s, err := open(name, sink)
		if err != nil {
			if i > 0 {
				c.streams[0].w.Close()
			}
			return nil, fmt.Errorf("capture: %w", err)
		}
		c.streams[i] = s
	}
	os.Stdout, os.Stderr = c.streams[0].w, c.streams[1].w
	log.SetOutput(c.streams[1].w)
	return c, nil
}

// Flush returns when everything printed before has reached the sink.
func (c *Capture) Flush() {
	for _, s := range c.streams {
		s.flush()
	}
}

// Stop restores the streams after a last flush. What a goroutine prints to
// the old streams later is discarded.
func (c *Capture) Stop() {
	os.Stdout, os.Stderr = c.out, c.err
	log.SetOutput(c.logger)
	c.Flush()
	for _, s := range c.streams {
		s.off.Store(true)
		s.w.Close()
	}
}

// stream is one pipe and the goroutine that reads it.
type stream struct {
	name string
	w    *os.File
	sink func(name, text string)
	off  atomic.Bool

	ended chan struct{} // closed when the reader has seen the end

	mu      sync.Mutex
	serial  int
	waiting map[string]chan struct{} // by mark
}

func open(name string, sink func(name, text string)) (*stream, error) {
	r, w, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	s := &stream{name: name, w: w, sink: sink, waiting: map[string]chan struct{}{}, ended: make(chan struct{})}
	go s.read(r)
	return s, nil
}

// A mark travels through the pipe behind the text that it closes: three bytes
// that are never UTF-8, a number, and a fourth such byte.
const (
	markHead = "\xff\xfe\xff"
	markTail = "\xfe"
	markMax  = len(markHead) + 20 + len(markTail)
)

func (s *stream) flush() {
	s.mu.Lock()
	s.serial++
	mark := fmt.Sprintf("%s%d%s", markHead, s.serial, markTail)
	done := make(chan struct{})
	s.waiting[mark] = done
	s.mu.Unlock()
	if _, err := s.w.WriteString(mark); err != nil {
		done = s.ended // the cell closed the stream
	}
	select {
	case <-done:
	case <-s.ended:
	case <-time.After(patience):
	}
}

func (s *stream) read(r *os.File) {
	defer close(s.ended)
	defer r.Close()
	buf := make([]byte, 0, 1<<16)
	for {
		n, err := r.Read(buf[len(buf):cap(buf)])
		buf = s.deliver(buf[:len(buf)+n], err != nil)
		if err != nil {
			return
		}
	}
}

// deliver hands over what buf holds and answers the marks in it. It returns
// what must wait for the next read: the start of a mark or of a code point.
func (s *stream) deliver(buf []byte, last bool) []byte {
	rest := buf
	for {
		at, end, done := s.mark(rest)
		if done == nil {
			break
		}
		s.send(rest[:at])
		close(done)
		rest = rest[end:]
	}
	keep := 0
	if !last {
		keep = held(rest)
	}
	s.send(rest[:len(rest)-keep])
	return append(buf[:0], rest[len(rest)-keep:]...)
}

// mark finds the first awaited mark in b.
func (s *stream) mark(b []byte) (at, end int, done chan struct{}) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var found string
	for mark := range s.waiting {
		if i := bytes.Index(b, []byte(mark)); i >= 0 && (found == "" || i < at) {
			found, at, end = mark, i, i+len(mark)
		}
	}
	done = s.waiting[found]
	delete(s.waiting, found)
	return at, end, done
}

// held is the number of bytes at the end of b that may be the start of a mark
// or of a code point.
func held(b []byte) int {
	tail := b[max(0, len(b)-markMax):]
	if at := bytes.IndexByte(tail, markHead[0]); at >= 0 {
		return len(tail) - at
	}
	for i := 1; i <= min(utf8.UTFMax-1, len(b)); i++ {
		if utf8.RuneStart(b[len(b)-i]) {
			if !utf8.FullRune(b[len(b)-i:]) {
				return i
			}
			break
		}
	}
	return 0
}

func (s *stream) send(b []byte) {
	if len(b) > 0 && !s.off.Load() {
		s.sink(s.name, string(bytes.ToValidUTF8(b, []byte("�"))))
	}
}
