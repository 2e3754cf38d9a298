package notebook

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"regexp"
	"strings"
)

// Kinds of cell.
const (
	Code     = "code"
	Markdown = "markdown"
	Raw      = "raw"
)

// Kinds of output.
const (
	Stream        = "stream"
	DisplayData   = "display_data"
	ExecuteResult = "execute_result"
	Error         = "error"
)

// Notebook is the content of an .ipynb file. Numbers inside Metadata and Extra
// are [encoding/json.Number], so that they are written as they were read.
type Notebook struct {
	Metadata map[string]any // "kernelspec", "language_info", "title", …; never nil after reading
	Cells    []*Cell
	Extra    map[string]any // top-level fields that nbformat does not know
}

// Cell is one cell. Attachments and Extra may be nil.
type Cell struct {
	Type           string // Code, Markdown or Raw
	ID             string // 1 to 64 of a–z A–Z 0–9 - _; unique in the notebook
	Source         string
	Metadata       map[string]any
	Attachments    map[string]any // pictures by file name, each a MIME bundle; not in code cells
	Outputs        []*Output      // of a code cell
	ExecutionCount int            // of a code cell; 0 means not executed
	Extra          map[string]any // fields that nbformat does not know
}

// Output is one output of a code cell. Which fields count depends on Type.
type Output struct {
	Type           string         // Stream, DisplayData, ExecuteResult or Error
	Name           string         // Stream: "stdout" or "stderr"
	Text           string         // Stream
	Data           map[string]any // DisplayData, ExecuteResult: content by MIME type
	Metadata       map[string]any // DisplayData, ExecuteResult: hints by MIME type
	ExecutionCount int            // ExecuteResult; 0 means unknown
	EName, EValue  string         // Error: its name and its message
	Traceback      []string       // Error: for people
	Extra          map[string]any // fields that nbformat does not know
}

// Title is the notebook's title: "title" of its metadata, else the text of the
// first Markdown heading, else fallback.
func (nb *Notebook) Title(fallback string) string {
	if t, ok := nb.Metadata["title"].(string); ok && strings.TrimSpace(t) != "" {
		return strings.TrimSpace(t)
	}
	for _, c := range nb.Cells {
		if c.Type != Markdown {
			continue
		}
		if m := headingLine.FindStringSubmatch(c.Source); m != nil {
			return strings.TrimSpace(m[1])
		}
	}
	return fallback
}

var headingLine = regexp.MustCompile(`(?m)^ {0,3}#{1,6}[ \t]+(.+?)[ \t]*#*[ \t]*$`)

// CodeCells lists the code cells that are not blank, in order.
func (nb *Notebook) CodeCells() []*Cell {
	var cells []*Cell
	for _, c := range nb.Cells {
		if c.Type == Code && strings.TrimSpace(c.Source) != "" {
			cells = append(cells, c)
		}
	}
	return cells
}

// ClearOutputs removes every output and execution count, which is the form in
// which notebooks are stored.
func (nb *Notebook) ClearOutputs() {
	for _, c := range nb.Cells {
		c.Outputs, c.ExecutionCount = nil, 0
	}
}

var validID = regexp.MustCompile(`^[a-zA-Z0-9_-]{1,64}$`)

// fillIDs gives every cell without an id, or with one that an earlier cell
// has, an id that follows from its place and source alone.
func (nb *Notebook) fillIDs() {
	seen := map[string]bool{}
	var missing []int
	for i, c := range nb.Cells {
		if c.ID == "" || seen[c.ID] {
			missing = append(missing, i)
			continue
		}
		seen[c.ID] = true
	}
	for _, i := range missing {
		c := nb.Cells[i]
		for salt := 0; ; salt++ {
			sum := sha256.Sum256(fmt.Appendf(nil, "%d.%d.%s", i, salt, c.Source))
			if id := hex.EncodeToString(sum[:4]); !seen[id] {
				c.ID, seen[id] = id, true
				break
			}
		}
	}
}
