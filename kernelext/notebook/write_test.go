package notebook

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"reflect"
	"runtime"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

// schema is the official schema of nbformat 4.5.
func schema(t *testing.T) *jsonschema.Schema {
	t.Helper()
	s, err := jsonschema.NewCompiler().Compile("testdata/nbformat.v4.5.schema.json")
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// validate checks b against the official schema.
func validate(t *testing.T, s *jsonschema.Schema, b []byte) {
	t.Helper()
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(b))
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Validate(doc); err != nil {
		t.Errorf("not valid nbformat 4.5: %v\n%s", err, b)
	}
}

func TestRoundTripKeepsJupytersBytes(t *testing.T) {
	want, err := os.ReadFile("testdata/python-written.ipynb")
	if err != nil {
		t.Fatal(err)
	}
	nb, err := Parse(want, "python-written.ipynb")
	if err != nil {
		t.Fatal(err)
	}
	got, err := nb.Bytes()
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	validate(t, schema(t), got)
}

func TestRoundTripKeepsUnknownFields(t *testing.T) {
	const file = `{"nbformat":4,"nbformat_minor":5,"future":{"x":1e400},"metadata":{"widgets":{"n":0.1}},"cells":[
		{"cell_type":"code","id":"a","metadata":{"deep":{"er":[1,2]}},"source":"","execution_count":3,"new":[true],
		 "outputs":[{"output_type":"display_data","data":{"application/vnd.x+json":["not","lines"]},"metadata":{},"transient":{"display_id":"d"}}]}]}`
	nb, err := Parse([]byte(file), "x")
	if err != nil {
		t.Fatal(err)
	}
	b, err := nb.Bytes()
	if err != nil {
		t.Fatal(err)
	}
	if got, want := decoded(t, b), decoded(t, []byte(strings.Replace(file, `"source":""`, `"source":[]`, 1))); !reflect.DeepEqual(got, want) {
		t.Errorf("got  %v\nwant %v", got, want)
	}
}

func decoded(t *testing.T, b []byte) any {
	t.Helper()
	dec := json.NewDecoder(bytes.NewReader(b))
	dec.UseNumber()
	var v any
	if err := dec.Decode(&v); err != nil {
		t.Fatalf("%v\n%s", err, b)
	}
	return v
}

func TestOldFormatsBecomeValid(t *testing.T) {
	s := schema(t)
	for _, minor := range []string{"0", "1", "2", "3", "4"} {
		nb, err := Parse([]byte(cellFile(minor, `{"cell_type":"markdown","metadata":{},"source":"a"},
			{"cell_type":"code","metadata":{},"source":["b\n"],"execution_count":null,"outputs":[]}`)), "x")
		if err != nil {
			t.Fatalf("4.%s: %v", minor, err)
		}
		b, err := nb.Bytes()
		if err != nil {
			t.Fatalf("4.%s: %v", minor, err)
		}
		validate(t, s, b)
	}
}

func TestBytesOfZeroValues(t *testing.T) {
	nb := &Notebook{Cells: []*Cell{{Type: Code, ID: "a", Outputs: []*Output{{Type: Error}, {Type: ExecuteResult}}}, {Type: Markdown, ID: "b"}}}
	b, err := nb.Bytes()
	if err != nil {
		t.Fatal(err)
	}
	validate(t, schema(t), b)
}

func TestBytesRefusesWhatJSONCannotHold(t *testing.T) {
	nb := &Notebook{Metadata: map[string]any{"f": func() {}}}
	if _, err := nb.Bytes(); err == nil {
		t.Error("a func in the metadata was written")
	}
	path := filepath.Join(t.TempDir(), "x.ipynb")
	if err := nb.WriteFile(path); err == nil || !strings.Contains(err.Error(), path) {
		t.Errorf("WriteFile: %v", err)
	}
}

func TestSplitLines(t *testing.T) {
	for _, tc := range []struct {
		in   string
		want []string
	}{
		{"", []string{}},
		{"a", []string{"a"}},
		{"a\n", []string{"a\n"}},
		{"a\nb", []string{"a\n", "b"}},
		{"\n\n", []string{"\n", "\n"}},
		{"a\r\nb\rc", []string{"a\r\n", "b\r", "c"}},
		{"a\vb\fc\x1cd\u0085e\u2028f\u2029", []string{"a\v", "b\f", "c\x1c", "d\u0085", "e\u2028", "f\u2029"}},
	} {
		if got := splitLines(tc.in); !reflect.DeepEqual(got, tc.want) {
			t.Errorf("%q: %q, want %q", tc.in, got, tc.want)
		}
	}
}

func TestWriteFileLeavesNothingBehind(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "x.ipynb")
	for _, content := range []string{"first", "second"} {
		if err := WriteFile(path, []byte(content)); err != nil {
			t.Fatal(err)
		}
		if b, err := os.ReadFile(path); err != nil || string(b) != content {
			t.Errorf("%q, %v; want %q", b, err, content)
		}
	}
	if entries, _ := os.ReadDir(dir); len(entries) != 1 {
		t.Errorf("%d files in the folder, want 1", len(entries))
	}
	if info, err := os.Stat(path); err != nil || runtime.GOOS != "windows" && info.Mode().Perm() != 0o644 {
		t.Errorf("mode %v, %v", info.Mode(), err)
	}
	// A folder in the way of the rename: an error with the name, no leftovers.
	target := filepath.Join(dir, "taken")
	if err := os.MkdirAll(filepath.Join(target, "full"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := WriteFile(target, nil); err == nil || !strings.Contains(err.Error(), target) {
		t.Errorf("over a folder: %v", err)
	}
	if entries, _ := os.ReadDir(dir); len(entries) != 2 {
		t.Errorf("%d entries in the folder, want 2", len(entries))
	}
	if err := WriteFile(filepath.Join(dir, "no", "folder"), nil); err == nil {
		t.Error("no error for a folder that is not there")
	}
}
