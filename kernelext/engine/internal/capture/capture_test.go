//go:build !js

package capture

import (
	"fmt"
	"log"
	"os"
	"strings"
	"sync"
	"testing"
)

// record is a sink that remembers.
type record struct {
	mu   sync.Mutex
	text map[string]string
}

func (r *record) sink(name, text string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.text == nil {
		r.text = map[string]string{}
	}
	r.text[name] += text
}

func (r *record) get(name string) string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.text[name]
}

func TestCaptureTakesEveryRoad(t *testing.T) {
	var r record
	before := os.Stdout
	c, err := Start(r.sink)
	if err != nil {
		t.Fatal(err)
	}
	fmt.Println("a")
	fmt.Fprint(os.Stdout, "b")
	fmt.Fprint(os.Stderr, "e")
	log.SetFlags(0)
	log.Print("logged")
	c.Flush()
	if got := r.get("stdout"); got != "a\nb" {
		t.Errorf("stdout after Flush: %q", got)
	}
	if got := r.get("stderr"); got != "elogged\n" {
		t.Errorf("stderr after Flush: %q", got)
	}
	fmt.Print("c")
	c.Stop()
	if got := r.get("stdout"); got != "a\nbc" {
		t.Errorf("stdout after Stop: %q", got)
	}
	if os.Stdout != before {
		t.Error("Stop did not restore os.Stdout")
	}
}

func TestFlushKeepsTheTextWhole(t *testing.T) {
	var r record
	c, err := Start(r.sink)
	if err != nil {
		t.Fatal(err)
	}
	var want strings.Builder
	for i := range 20000 {
		fmt.Fprintf(os.Stdout, "ligne n° %d\n", i)
		fmt.Fprintf(&want, "ligne n° %d\n", i)
		if i%1000 == 0 {
			c.Flush()
			if got := r.get("stdout"); got != want.String() {
				t.Fatalf("after line %d: %d bytes, want %d", i, len(got), want.Len())
			}
		}
	}
	c.Stop()
	if r.get("stdout") != want.String() {
		t.Error("text was lost or changed")
	}
}

func TestBytesThatAreNotTextOrLookLikeAMark(t *testing.T) {
	for _, s := range []string{"\xff\xfe\xff12\xfe!", "\xff", "\xff\xfe", "x\xff\xfe\xffy", "\xfe", "half \xe2\x82"} {
		var r record
		c, err := Start(r.sink)
		if err != nil {
			t.Fatal(err)
		}
		os.Stdout.WriteString(s)
		c.Flush()
		os.Stdout.WriteString("end")
		c.Stop()
		got := r.get("stdout")
		if !strings.HasSuffix(got, "end") || strings.Contains(got, "\xff") {
			t.Errorf("%q arrived as %q", s, got)
		}
	}
}

func TestAClosedStreamDoesNotHang(t *testing.T) {
	var r record
	c, err := Start(r.sink)
	if err != nil {
		t.Fatal(err)
	}
	fmt.Print("before")
	os.Stdout.Close()
	c.Stop()
	if got := r.get("stdout"); got != "before" {
		t.Errorf("stdout %q", got)
	}
}
