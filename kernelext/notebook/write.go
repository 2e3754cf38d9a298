package notebook

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"unicode/utf8"
)

// Bytes is the notebook as an .ipynb file of nbformat 4.5 in the formatting of
// Jupyter: indented by one space, keys sorted, texts as lists of lines, a
// newline at the end. Equal notebooks give equal bytes. It fails only when a
// MIME bundle or metadata holds a value that JSON cannot.
func (nb *Notebook) Bytes() ([]byte, error) {
	var buf bytes.Buffer
	enc := json.NewEncoder(&buf)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", " ")
	if err := enc.Encode(nb.encode()); err != nil {
		return nil, fmt.Errorf("notebook: %w", err)
	}
	return plainSeparators(buf.Bytes()), nil
}

// WriteTo writes what [Notebook.Bytes] gives.
func (nb *Notebook) WriteTo(w io.Writer) (int64, error) {
	b, err := nb.Bytes()
	if err != nil {
		return 0, err
	}
	n, err := w.Write(b)
	return int64(n), err
}

// WriteFile stores the notebook at path, under a temporary name first. Errors
// name path.
func (nb *Notebook) WriteFile(path string) error {
	b, err := nb.Bytes()
	if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	return WriteFile(path, b)
}

// WriteFile stores data at path: it writes a file of a temporary name in the
// same folder and renames it, so that path holds either its old content or all
// of data. The file's mode is 0644.
func WriteFile(path string, data []byte) (err error) {
	f, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+".*.tmp")
	if err != nil {
		return fmt.Errorf("notebook: cannot write %s: %w", path, err)
	}
	defer func() {
		if err != nil {
			f.Close()
			os.Remove(f.Name())
			err = fmt.Errorf("notebook: cannot write %s: %w", path, err)
		}
	}()
	if _, err = f.Write(data); err != nil {
		return err
	}
	if err = f.Chmod(0o644); err != nil {
		return err
	}
	if err = f.Close(); err != nil {
		return err
	}
	return os.Rename(f.Name(), path)
}

func (nb *Notebook) encode() map[string]any {
	cells := make([]any, len(nb.Cells))
	for i, c := range nb.Cells {
		cells[i] = c.encode()
	}
	m := maps.Clone(nb.Extra)
	if m == nil {
		m = map[string]any{}
	}
	m["nbformat"], m["nbformat_minor"] = 4, 5
	m["metadata"], m["cells"] = orEmpty(nb.Metadata), cells
	return m
}

func (c *Cell) encode() map[string]any {
	m := maps.Clone(c.Extra)
	if m == nil {
		m = map[string]any{}
	}
	m["cell_type"], m["id"] = c.Type, c.ID
	m["metadata"], m["source"] = orEmpty(c.Metadata), splitLines(c.Source)
	if c.Attachments != nil {
		a := make(map[string]any, len(c.Attachments))
		for name, bundle := range c.Attachments {
			if b, ok := bundle.(map[string]any); ok {
				bundle = splitBundle(b)
			}
			a[name] = bundle
		}
		m["attachments"] = a
	}
	if c.Type == Code {
		outputs := make([]any, len(c.Outputs))
		for i, o := range c.Outputs {
			outputs[i] = o.encode()
		}
		m["outputs"], m["execution_count"] = outputs, countOrNull(c.ExecutionCount)
	}
	return m
}

func (o *Output) encode() map[string]any {
	m := maps.Clone(o.Extra)
	if m == nil {
		m = map[string]any{}
	}
	m["output_type"] = o.Type
	switch o.Type {
	case Stream:
		m["name"], m["text"] = o.Name, splitLines(o.Text)
	case DisplayData, ExecuteResult:
		m["data"], m["metadata"] = splitBundle(o.Data), orEmpty(o.Metadata)
		if o.Type == ExecuteResult {
			m["execution_count"] = countOrNull(o.ExecutionCount)
		}
	case Error:
		traceback := o.Traceback
		if traceback == nil {
			traceback = []string{}
		}
		m["ename"], m["evalue"], m["traceback"] = o.EName, o.EValue, traceback
	}
	return m
}

func orEmpty(m map[string]any) map[string]any {
	if m == nil {
		return map[string]any{}
	}
	return m
}

func countOrNull(n int) any {
	if n == 0 {
		return nil
	}
	return n
}

// splitBundle stores the textual types of a MIME bundle as lists of lines.
func splitBundle(bundle map[string]any) map[string]any {
	m := make(map[string]any, len(bundle))
	for mime, v := range bundle {
		s, ok := v.(string)
		if ok && (strings.HasPrefix(mime, "text/") || mime == "application/javascript" || mime == "image/svg+xml") {
			v = splitLines(s)
		}
		m[mime] = v
	}
	return m
}

// splitLines cuts s behind each line end, with the same line ends that Jupyter
// cuts at: \n, \r\n, \r, vertical tab, form feed, the separators U+001C to
// U+001E, U+0085, U+2028 and U+2029.
func splitLines(s string) []string {
	lines := []string{}
	start := 0
	for i := 0; i < len(s); {
		r, n := utf8.DecodeRuneInString(s[i:])
		i += n
		if r == '\r' && i < len(s) && s[i] == '\n' {
			i++
		}
		if strings.ContainsRune("\n\r\v\f\x1c\x1d\x1e\u0085\u2028\u2029", r) {
			lines = append(lines, s[start:i])
			start = i
		}
	}
	if start < len(s) {
		lines = append(lines, s[start:])
	}
	return lines
}

// plainSeparators writes U+2028 and U+2029 as themselves: encoding/json always
// escapes the two, Jupyter never does.
func plainSeparators(b []byte) []byte {
	if !bytes.Contains(b, []byte(`\u202`)) {
		return b
	}
	out := make([]byte, 0, len(b))
	for i := 0; i < len(b); i++ {
		if b[i] != '\\' {
			out = append(out, b[i])
			continue
		}
		switch {
		case bytes.HasPrefix(b[i:], []byte(`\u2028`)):
			out = append(out, "\u2028"...)
			i += 5
		case bytes.HasPrefix(b[i:], []byte(`\u2029`)):
			out = append(out, "\u2029"...)
			i += 5
		default: // an escape of two characters or more: its second one is never the start of another
			out = append(out, b[i], b[i+1])
			i++
		}
	}
	return out
}
