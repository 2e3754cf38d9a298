package show

import (
	"bytes"
	"context"
	"io"
	"os"
	"testing"
)

// recordingHost keeps what a cell displays.
type recordingHost struct {
	ctx   context.Context
	shown []Data
	quick bool
}

func (h *recordingHost) Context() context.Context { return h.ctx }
func (h *recordingHost) Display(d Data)           { h.shown = append(h.shown, d) }
func (h *recordingHost) Quick() bool              { return h.quick }

func TestHost(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	h := &recordingHost{ctx: ctx, quick: true}
	if old := SetHost(h); old != nil {
		t.Fatalf("a host %v was set before", old)
	}
	defer SetHost(nil)
	Display(everyMethod{})
	if len(h.shown) != 1 || h.shown[0].MIME["text/html"] != "<b>h</b>" {
		t.Errorf("shown: %v", h.shown)
	}
	if !Quick() {
		t.Error("Quick does not ask the host")
	}
	cancel()
	if Context().Err() == nil {
		t.Error("Context is not the host's")
	}
	if old := SetHost(nil); old != Host(h) {
		t.Errorf("SetHost returned %v", old)
	}
	if Context().Err() != nil {
		t.Error("without a host the context must not end")
	}
}

func TestQuickWithoutHost(t *testing.T) {
	t.Setenv("LOWRANK_QUICK", "1")
	if !Quick() {
		t.Error("LOWRANK_QUICK=1 is not heard")
	}
	t.Setenv("LOWRANK_QUICK", "")
	if Quick() {
		t.Error("Quick without a reason")
	}
}

// stdoutOf returns what f prints.
func stdoutOf(t *testing.T, f func()) string {
	t.Helper()
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	old := os.Stdout
	os.Stdout = w
	done := make(chan []byte)
	go func() {
		b, _ := io.ReadAll(r)
		done <- b
	}()
	f()
	os.Stdout = old
	w.Close()
	return string(bytes.TrimSpace(<-done))
}

func TestDisplayWithoutHost(t *testing.T) {
	if got := stdoutOf(t, func() { Display(everyMethod{}) }); got != "every method" {
		t.Errorf("printed %q", got)
	}
}
