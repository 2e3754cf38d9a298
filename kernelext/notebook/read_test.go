package notebook

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"
)

const minimal = `{"nbformat":4,"nbformat_minor":5,"metadata":{},"cells":[]}`

// cellFile is a notebook of nbformat 4.minor with one cell.
func cellFile(minor, cell string) string {
	return `{"nbformat":4,"nbformat_minor":` + minor + `,"metadata":{},"cells":[` + cell + `]}`
}

func TestParseRefuses(t *testing.T) {
	whole, err := os.ReadFile("testdata/python-written.ipynb")
	if err != nil {
		t.Fatal(err)
	}
	code := func(fields string) string {
		return cellFile("5", `{"cell_type":"code","id":"a","metadata":{},"source":"",`+fields+`}`)
	}
	for _, tc := range []struct{ name, content, want string }{
		{"empty", "", "the file is empty"},
		{"blank", " \n\t", "the file is empty"},
		{"binary", "\xff\xfe{}", "not UTF-8"},
		{"text", "hello\nworld", "line 1: not JSON"},
		{"broken", "{\n\"a\": 1,,\n}", "line 2: not JSON"},
		{"truncated", string(whole[:len(whole)/2]), "the file is cut off in line"},
		{"one brace short", strings.TrimRight(string(whole), "}\n"), "the file is cut off"},
		{"list", "[1]", "a JSON array where an object must stand"},
		{"trailing", minimal + "\n{}", "line 2: text follows the end"},
		{"no nbformat", `{"cells":[]}`, `no "nbformat" field`},
		{"nbformat 3", `{"nbformat":3,"nbformat_minor":0,"worksheets":[]}`, "it is nbformat 3.0"},
		{"nbformat 5", `{"nbformat":5,"nbformat_minor":0,"cells":[]}`, "it is nbformat 5.0"},
		{"nbformat 4.6", cellFile("6", ""), "it is nbformat 4.6"},
		{"nbformat word", `{"nbformat":"four","nbformat_minor":0,"cells":[]}`, "not a version"},
		{"no cells", `{"nbformat":4,"nbformat_minor":5,"metadata":{}}`, `"cells" is missing`},
		{"cells object", `{"nbformat":4,"nbformat_minor":5,"metadata":{},"cells":{}}`, `"cells" is not a list`},
		{"metadata list", `{"nbformat":4,"nbformat_minor":5,"metadata":[],"cells":[]}`, `"metadata" is not an object`},
		{"cell number", cellFile("5", "7"), "cell 1 is not an object"},
		{"cell type", cellFile("5", `{"cell_type":"heading","id":"a","metadata":{},"source":""}`), `cell_type "heading"`},
		{"no source", cellFile("5", `{"cell_type":"raw","id":"a","metadata":{}}`), `cell 1: "source" is missing`},
		{"source number", cellFile("5", `{"cell_type":"raw","id":"a","metadata":{},"source":3}`), "neither text nor a list of lines"},
		{"source numbers", cellFile("5", `{"cell_type":"raw","id":"a","metadata":{},"source":["x",3]}`), "neither text nor a list of lines"},
		{"bad id", cellFile("5", `{"cell_type":"raw","id":"a b","metadata":{},"source":""}`), `id "a b"`},
		{"bad count", code(`"execution_count":"x","outputs":[]`), `"execution_count" is neither`},
		{"negative count", code(`"execution_count":-1,"outputs":[]`), `"execution_count" is neither`},
		{"outputs", code(`"execution_count":1,"outputs":{}`), `"outputs" is not a list`},
		{"output", code(`"execution_count":1,"outputs":[0]`), "output 1 is not an object"},
		{"output type", code(`"execution_count":1,"outputs":[{"output_type":"pyout"}]`), `output_type "pyout"`},
		{"stream name", code(`"execution_count":1,"outputs":[{"output_type":"stream","text":""}]`), `output 1: "name" is missing`},
		{"traceback", code(`"execution_count":1,"outputs":[{"output_type":"error","ename":"","evalue":"","traceback":[1]}]`), "traceback is not text"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			_, err := Parse([]byte(tc.content), "folder/it.ipynb")
			if err == nil {
				t.Fatal("no error")
			}
			if !errors.Is(err, ErrFormat) {
				t.Errorf("error does not wrap ErrFormat: %v", err)
			}
			for _, want := range []string{tc.want, "folder/it.ipynb", "nbformat 4.0 to 4.5"} {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("error %q does not contain %q", err, want)
				}
			}
		})
	}
}

func TestParseFillsIDs(t *testing.T) {
	file := cellFile("2", `{"cell_type":"markdown","metadata":{},"source":["a\n","b"]},
		{"cell_type":"code","metadata":{},"source":"x","outputs":[],"execution_count":null},
		{"cell_type":"code","metadata":{},"source":"x","outputs":[],"execution_count":null},
		{"cell_type":"raw","id":"kept","metadata":{},"source":"x"},
		{"cell_type":"raw","id":"kept","metadata":{},"source":"y"}`)
	a, err := Parse([]byte(file), "a")
	if err != nil {
		t.Fatal(err)
	}
	b, err := Parse([]byte(file), "b")
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	for i, c := range a.Cells {
		if !validID.MatchString(c.ID) || seen[c.ID] {
			t.Errorf("cell %d: id %q is not valid or not unique", i, c.ID)
		}
		seen[c.ID] = true
		if c.ID != b.Cells[i].ID {
			t.Errorf("cell %d: id %q, then %q", i, c.ID, b.Cells[i].ID)
		}
	}
	if a.Cells[3].ID != "kept" {
		t.Errorf("a good id was replaced by %q", a.Cells[3].ID)
	}
	if a.Cells[0].Source != "a\nb" {
		t.Errorf("source %q", a.Cells[0].Source)
	}
}

func TestParseDropsTransients(t *testing.T) {
	nb, err := Parse([]byte("\xef\xbb\xbf"+`{"nbformat":4,"nbformat_minor":5,"metadata":{"signature":"s","orig_nbformat":3,"keep":1},
		"cells":[{"cell_type":"raw","id":"a","metadata":{"trusted":true,"keep":2},"source":""}]}`), "x")
	if err != nil {
		t.Fatal(err)
	}
	if len(nb.Metadata) != 1 || len(nb.Cells[0].Metadata) != 1 {
		t.Errorf("metadata %v, cell metadata %v: only keep belongs there", nb.Metadata, nb.Cells[0].Metadata)
	}
}

func TestReadNamesTheFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "none.ipynb")
	if _, err := ReadFile(path); !errors.Is(err, fs.ErrNotExist) || !strings.Contains(err.Error(), path) {
		t.Errorf("ReadFile: %v", err)
	}
	fsys := fstest.MapFS{"a.ipynb": {Data: []byte(minimal)}}
	if _, err := ReadFS(fsys, "a.ipynb"); err != nil {
		t.Errorf("ReadFS: %v", err)
	}
	if _, err := ReadFS(fsys, "b.ipynb"); !errors.Is(err, fs.ErrNotExist) || !strings.Contains(err.Error(), "b.ipynb") {
		t.Errorf("ReadFS: %v", err)
	}
	if _, err := Read(failingReader{}, "pipe"); err == nil || !strings.Contains(err.Error(), "pipe") {
		t.Errorf("Read: %v", err)
	}
	if nb, err := Read(strings.NewReader(minimal), "pipe"); err != nil || len(nb.Cells) != 0 {
		t.Errorf("Read: %v", err)
	}
}

type failingReader struct{}

func (failingReader) Read([]byte) (int, error) { return 0, errors.New("broken pipe") }

func TestTitle(t *testing.T) {
	for _, tc := range []struct{ file, want string }{
		{minimal, "fallback"},
		{strings.Replace(minimal, `"metadata":{}`, `"metadata":{"title":" T "}`, 1), "T"},
		{cellFile("5", `{"cell_type":"code","id":"c","metadata":{},"source":"# no","outputs":[],"execution_count":null},
			{"cell_type":"markdown","id":"m","metadata":{},"source":"intro\n\n## The *title* #\n"}`), "The *title*"},
	} {
		nb, err := Parse([]byte(tc.file), "x")
		if err != nil {
			t.Fatal(err)
		}
		if got := nb.Title("fallback"); got != tc.want {
			t.Errorf("title %q, want %q", got, tc.want)
		}
	}
}

// FuzzParse: whatever the bytes, Parse returns; and what it accepts it writes
// in a form that it reads again as the same.
func FuzzParse(f *testing.F) {
	files, err := filepath.Glob("testdata/*.ipynb")
	if err != nil || len(files) == 0 {
		f.Fatalf("no seeds: %v", err)
	}
	for _, file := range files {
		b, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b)
		f.Add(b[:len(b)/2])
	}
	f.Add([]byte(minimal))
	f.Add([]byte(cellFile("0", `{"cell_type":"code","metadata":{},"source":[],"outputs":[{"output_type":"stream","name":"","text":"\u2028\r"}]}`)))
	f.Fuzz(func(t *testing.T, b []byte) {
		nb, err := Parse(b, "fuzz")
		if err != nil {
			if !errors.Is(err, ErrFormat) {
				t.Fatalf("error does not wrap ErrFormat: %v", err)
			}
			return
		}
		first, err := nb.Bytes()
		if err != nil {
			t.Fatal(err)
		}
		again, err := Parse(first, "again")
		if err != nil {
			t.Fatalf("%v\n%s", err, first)
		}
		second, err := again.Bytes()
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(first, second) {
			t.Fatalf("written twice, two results:\n%s\n%s", first, second)
		}
	})
}
