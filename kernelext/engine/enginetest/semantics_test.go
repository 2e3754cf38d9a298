package enginetest

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// TestSemanticsAreGo compiles the pieces and compares what they print with
// what semantics.txt says.
func TestSemanticsAreGo(t *testing.T) {
	tool, err := exec.LookPath("go")
	if err != nil {
		t.Skip("no go command")
	}
	var b strings.Builder
	b.WriteString("package main\n")
	for _, p := range semanticsImports {
		fmt.Fprintf(&b, "import %q\n", p)
	}
	b.WriteString("var (\n_ = errors.New\n_ = io.EOF\n_ = math.Pi\n_ = rand.Int\n_ = os.Args\n_ = sort.Ints\n_ = strings.Split\n_ sync.Mutex\n_ = time.Now\n)\n")
	var calls, want strings.Builder
	for i, p := range pieces() {
		fmt.Fprintf(&b, "func f%d() {\n%s\n}\n", i, p.code)
		fmt.Fprintf(&calls, "f%d()\n", i)
		want.WriteString(p.want)
	}
	b.WriteString("func main() {\n" + calls.String() + "}\n")
	dir := t.TempDir()
	for name, text := range map[string]string{"main.go": b.String(), "go.mod": "module pieces\n\ngo 1.26\n"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	cmd := exec.Command(tool, "run", ".")
	cmd.Dir, cmd.Stderr = dir, os.Stderr
	got, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	if string(got) != want.String() {
		t.Errorf("compiled, the pieces print\n%s\nsemantics.txt says\n%s", got, want.String())
	}
}
