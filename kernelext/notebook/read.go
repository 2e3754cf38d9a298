package notebook

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"
	"unicode/utf8"
)

// ErrFormat is wrapped by every error about the content of a notebook file;
// its text says what is accepted.
var ErrFormat = errors.New("accepted is a complete Jupyter notebook, nbformat 4.0 to 4.5")

// ReadFile reads the notebook stored at path. Errors name path.
func ReadFile(path string) (*Notebook, error) {
	b, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("notebook: %w", err)
	}
	return Parse(b, path)
}

// ReadFS reads the notebook stored under name in fsys. Errors name it.
func ReadFS(fsys fs.FS, name string) (*Notebook, error) {
	b, err := fs.ReadFile(fsys, name)
	if err != nil {
		return nil, fmt.Errorf("notebook: %w", err)
	}
	return Parse(b, name)
}

// Read reads a notebook from r; name stands for it in errors.
func Read(r io.Reader, name string) (*Notebook, error) {
	b, err := io.ReadAll(r)
	if err != nil {
		return nil, fmt.Errorf("notebook: %s: %w", name, err)
	}
	return Parse(b, name)
}

// Parse reads a notebook from the content of a file; name stands for the file
// in errors. Cells of files older than nbformat 4.5 get ids that depend on
// their place and source only. A file that is cut off, not JSON, not a
// notebook, or of another nbformat gives an error that wraps [ErrFormat].
func Parse(b []byte, name string) (*Notebook, error) {
	fail := func(format string, args ...any) (*Notebook, error) {
		return nil, fmt.Errorf("notebook: %s: %s; %w", name, fmt.Sprintf(format, args...), ErrFormat)
	}
	b = bytes.TrimPrefix(b, []byte("\xef\xbb\xbf"))
	if len(bytes.TrimSpace(b)) == 0 {
		return fail("the file is empty")
	}
	if !utf8.Valid(b) {
		return fail("the file is not UTF-8 text")
	}
	var top map[string]any
	dec := json.NewDecoder(bytes.NewReader(b))
	dec.UseNumber()
	if err := dec.Decode(&top); err != nil {
		return fail("%s", jsonProblem(b, err))
	}
	if _, err := dec.Token(); err != io.EOF {
		return fail("line %d: text follows the end of the notebook", lineOf(b, dec.InputOffset()))
	}
	if err := checkFormat(top); err != nil {
		return fail("%v", err)
	}
	nb, err := decodeNotebook(top)
	if err != nil {
		return fail("%v", err)
	}
	return nb, nil
}

// jsonProblem says in words where b stops being a JSON object.
func jsonProblem(b []byte, err error) string {
	var syntax *json.SyntaxError
	var kind *json.UnmarshalTypeError
	switch {
	case errors.Is(err, io.ErrUnexpectedEOF), errors.As(err, &syntax) && syntax.Offset >= int64(len(b)):
		return fmt.Sprintf("the file is cut off in line %d", lineOf(b, int64(len(b))))
	case errors.As(err, &syntax):
		return fmt.Sprintf("line %d: not JSON: %v", lineOf(b, syntax.Offset), syntax)
	case errors.As(err, &kind):
		return fmt.Sprintf("line %d: a JSON %s where an object must stand", lineOf(b, kind.Offset), kind.Value)
	}
	return err.Error()
}

func lineOf(b []byte, offset int64) int {
	offset = min(max(offset, 0), int64(len(b)))
	return 1 + bytes.Count(bytes.TrimRight(b[:offset], "\n"), []byte("\n"))
}

func checkFormat(top map[string]any) error {
	if _, ok := top["nbformat"]; !ok {
		return fmt.Errorf(`it has no "nbformat" field`)
	}
	major, ok1 := intOf(top["nbformat"])
	minor, ok2 := intOf(top["nbformat_minor"])
	if _, has := top["nbformat_minor"]; !has {
		minor, ok2 = 0, true
	}
	switch {
	case !ok1 || !ok2:
		return fmt.Errorf("nbformat is %v.%v, which is not a version", top["nbformat"], top["nbformat_minor"])
	case major < 4:
		return fmt.Errorf("it is nbformat %d.%d (\"jupyter nbconvert --to notebook --nbformat 4\" converts it)", major, minor)
	case major > 4 || minor < 0 || minor > 5:
		return fmt.Errorf("it is nbformat %d.%d", major, minor)
	}
	return nil
}

func decodeNotebook(top map[string]any) (*Notebook, error) {
	f := fields{m: top, where: "the notebook"}
	f.take("nbformat")
	f.take("nbformat_minor")
	nb := &Notebook{Metadata: f.object("metadata")}
	for _, k := range []string{"orig_nbformat", "orig_nbformat_minor", "signature"} {
		delete(nb.Metadata, k)
	}
	cells := f.list("cells", true)
	for i, c := range cells {
		m, ok := c.(map[string]any)
		if !ok {
			return nil, fmt.Errorf("cell %d is not an object", i+1)
		}
		cell, err := decodeCell(m, fmt.Sprintf("cell %d", i+1))
		if err != nil {
			return nil, err
		}
		nb.Cells = append(nb.Cells, cell)
	}
	nb.Extra = f.rest()
	if f.err != nil {
		return nil, f.err
	}
	nb.fillIDs()
	return nb, nil
}

func decodeCell(m map[string]any, where string) (*Cell, error) {
	f := fields{m: m, where: where}
	c := &Cell{
		Type:     f.text("cell_type", true),
		ID:       f.text("id", false),
		Source:   f.lines("source", true),
		Metadata: f.object("metadata"),
	}
	delete(c.Metadata, "trusted")
	switch c.Type {
	case Code:
		c.ExecutionCount = f.count("execution_count")
		for i, o := range f.list("outputs", false) {
			om, ok := o.(map[string]any)
			if !ok {
				return nil, fmt.Errorf("%s: output %d is not an object", where, i+1)
			}
			out, err := decodeOutput(om, fmt.Sprintf("%s, output %d", where, i+1))
			if err != nil {
				return nil, err
			}
			c.Outputs = append(c.Outputs, out)
		}
	case Markdown, Raw:
		if _, ok := m["attachments"]; ok {
			c.Attachments = f.object("attachments")
			for _, bundle := range c.Attachments {
				joinBundle(bundle)
			}
		}
	default:
		if f.err == nil {
			return nil, fmt.Errorf("%s: cell_type %q is not one of code, markdown, raw", where, c.Type)
		}
	}
	if c.ID != "" && !validID.MatchString(c.ID) {
		return nil, fmt.Errorf("%s: id %q is not 1 to 64 of a–z A–Z 0–9 - _", where, c.ID)
	}
	c.Extra = f.rest()
	return c, f.err
}

func decodeOutput(m map[string]any, where string) (*Output, error) {
	f := fields{m: m, where: where}
	o := &Output{Type: f.text("output_type", true)}
	switch o.Type {
	case Stream:
		o.Name, o.Text = f.text("name", true), f.lines("text", true)
	case DisplayData, ExecuteResult:
		o.Data, o.Metadata = f.object("data"), f.object("metadata")
		joinBundle(o.Data)
		if o.Type == ExecuteResult {
			o.ExecutionCount = f.count("execution_count")
		}
	case Error:
		o.EName, o.EValue = f.text("ename", true), f.text("evalue", true)
		for _, l := range f.list("traceback", true) {
			s, ok := l.(string)
			if !ok {
				return nil, fmt.Errorf("%s: a line of the traceback is not text", where)
			}
			o.Traceback = append(o.Traceback, s)
		}
	default:
		if f.err == nil {
			return nil, fmt.Errorf("%s: output_type %q is not one of stream, display_data, execute_result, error", where, o.Type)
		}
	}
	o.Extra = f.rest()
	return o, f.err
}

// joinBundle turns the texts of a MIME bundle that are stored as lists of
// lines into strings; JSON content stays as it is.
func joinBundle(bundle any) {
	m, ok := bundle.(map[string]any)
	if !ok {
		return
	}
	for mime, v := range m {
		if isJSON(mime) {
			continue
		}
		if s, ok := joined(v); ok {
			m[mime] = s
		}
	}
}

func isJSON(mime string) bool {
	return mime == "application/json" || strings.HasPrefix(mime, "application/") && strings.HasSuffix(mime, "+json")
}
