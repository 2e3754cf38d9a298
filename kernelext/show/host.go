package show

import (
	"context"
	"os"
	"sync/atomic"
)

// Data is one rich output in the form Jupyter calls a MIME bundle.
//
// MIME maps a MIME type to its content: a string for textual types and
// base64 text for binary ones, or a value that encodes as JSON for types that end in
// "json". Every bundle has "text/plain".
type Data struct {
	MIME     map[string]any // content by MIME type
	Metadata map[string]any // per-type hints such as the width of an image; may be nil
}

// Host is what runs a cell: the Jupyter kernel, the headless notebook runner,
// or a stock kernel that links this package. It gives a cell its cancellation
// and takes the outputs that the cell shows before it ends.
type Host interface {
	// Context ends when the user presses Stop.
	Context() context.Context
	// Display shows d in the output of the running cell, after everything
	// that the cell printed before.
	Display(d Data)
	// Quick reports whether the notebook was asked for at reduced size.
	Quick() bool
}

var current atomic.Pointer[Host] // the one host-set sink

// SetHost makes h the host of this process; nil removes it. It returns the
// host that was set before, or nil.
func SetHost(h Host) Host {
	var next *Host
	if h != nil {
		next = &h
	}
	if old := current.Swap(next); old != nil {
		return *old
	}
	return nil
}

func host() Host {
	if h := current.Load(); h != nil {
		return *h
	}
	return nil
}

// Context returns the context of the running cell. It ends when the user
// presses Stop. Outside a notebook it is [context.Background].
func Context() context.Context {
	if h := host(); h != nil {
		return h.Context()
	}
	return context.Background()
}

// Quick reports whether the notebook runs at reduced size: the host says so, as
// with "lowrank reproduce --quick", or the environment variable LOWRANK_QUICK
// is 1, as any client can set it.
func Quick() bool {
	if h := host(); h != nil && h.Quick() {
		return true
	}
	return os.Getenv("LOWRANK_QUICK") == "1"
}
