package jupyter

import (
	"strings"
	"sync"
	"time"

	"github.com/lowrankgo/lowrank/kernelext/show"
)

// A stream is sent when it has been quiet or collected for streamDelay, when
// it reaches streamSize, and before anything else is shown.
const (
	streamDelay = 15 * time.Millisecond
	streamSize  = 1 << 16
)

// output publishes what a cell shows. It is an engine.Output.
type output struct {
	kernel *kernel
	parent *message
	silent bool

	mu     sync.Mutex
	name   string // of the stream in text
	text   strings.Builder
	timer  *time.Timer // runs while text is not empty
	closed bool
}

// Stream implements engine.Output.
func (o *output) Stream(name, text string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.silent || o.closed || text == "" {
		return
	}
	if name != o.name {
		o.flush()
		o.name = name
	}
	o.text.WriteString(text)
	switch {
	case o.text.Len() >= streamSize:
		o.flush()
	case o.timer == nil:
		o.timer = time.AfterFunc(streamDelay, func() {
			o.mu.Lock()
			defer o.mu.Unlock()
			o.flush()
		})
	}
}

// Display implements engine.Output.
func (o *output) Display(d show.Data) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.silent || o.closed {
		return
	}
	o.flush()
	o.kernel.publish(o.parent, "display_data", map[string]any{
		"data": d.MIME, "metadata": object(d.Metadata), "transient": map[string]any{}})
}

// flush sends the collected text. The caller holds mu.
func (o *output) flush() {
	if o.timer != nil {
		o.timer.Stop()
		o.timer = nil
	}
	if o.text.Len() == 0 {
		return
	}
	o.kernel.publish(o.parent, "stream", map[string]any{"name": o.name, "text": o.text.String()})
	o.text.Reset()
}

// close sends the rest and ends the output.
func (o *output) close() {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.flush()
	o.closed = true
}
