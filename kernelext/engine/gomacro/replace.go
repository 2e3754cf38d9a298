package gomacro

import (
	"fmt"
	"log"
	"time"

	"github.com/cosmos72/gomacro/base"
)

// replacements are the functions that cells get instead of a package's own:
// printing and sleeping end a cell that was stopped, and nothing ends the
// process.
func (s *session) replacements(path string) map[string]any {
	switch path {
	case "fmt":
		return map[string]any{
			"Print":   func(a ...interface{}) (int, error) { s.checkpoint(); return fmt.Print(a...) },
			"Printf":  func(f string, a ...interface{}) (int, error) { s.checkpoint(); return fmt.Printf(f, a...) },
			"Println": func(a ...interface{}) (int, error) { s.checkpoint(); return fmt.Println(a...) },
		}
	case "time":
		return map[string]any{"Sleep": s.sleep}
	case "os":
		return map[string]any{"Exit": func(code int) { panic(exitCode(code)) }}
	case "log":
		return map[string]any{
			"Fatal":   func(a ...interface{}) { log.Print(a...); panic(exitCode(1)) },
			"Fatalf":  func(f string, a ...interface{}) { log.Printf(f, a...); panic(exitCode(1)) },
			"Fatalln": func(a ...interface{}) { log.Println(a...); panic(exitCode(1)) },
		}
	}
	return nil
}

// checkpoint ends the calling cell if it was left behind.
func (s *session) checkpoint() {
	if c := s.here(); c != nil && c.left.Load() {
		panic(base.SigInterrupt)
	}
}

// sleep is time.Sleep; in the goroutine of a cell it ends with the cell's
// context.
func (s *session) sleep(d time.Duration) {
	c := s.here()
	if c == nil {
		time.Sleep(d)
		return
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		s.checkpoint()
	case <-c.ctx.Done():
		panic(base.SigInterrupt)
	}
}
