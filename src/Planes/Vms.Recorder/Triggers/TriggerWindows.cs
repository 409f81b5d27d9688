using Vms.Recorder.Archive;

namespace Vms.Recorder.Triggers;

/// <summary>What is to be recorded of one stream beyond what its mode records anyway. Bounded: windows of a class that touch become one, and so do
/// the first two when there are too many: more than asked for, never less. One caller at a time.</summary>
internal sealed class TriggerWindows
{
    /// <summary>A window is forgotten so long after its end.</summary>
    private const long ForgetUs = 300_000_000;

    private const int MaxPerClass = 64;

    // By class; in each, in order of time and apart from each other.
    private readonly List<TriggerWindow>[] _windows = [.. Enum.GetValues<RecordingClass>().Select(_ => new List<TriggerWindow>())];

    public bool IsEmpty { get; private set; } = true;

    public void Add(TriggerWindow window)
    {
        var windows = _windows[(int)window.Class];
        windows.RemoveAll(w =>
        {
            bool touches = w.FromUs <= window.UntilUs && w.UntilUs >= window.FromUs;
            window = touches ? Join(w, window) : window;
            return touches;
        });
        windows.Insert(windows.TakeWhile(w => w.FromUs < window.FromUs).Count(), window);
        if (windows.Count > MaxPerClass)
        {
            windows[0] = Join(windows[0], windows[1]);
            windows.RemoveAt(1);
        }

        IsEmpty = false;
    }

    public bool Covers(RecordingClass kind, long captureUs)
    {
        foreach (var window in _windows[(int)kind])
        {
            if (window.Covers(captureUs))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>When the next window begins or ends; <see cref="long.MaxValue"/> when none does.</summary>
    public long NextEdge(long afterUs)
    {
        long next = long.MaxValue;
        foreach (var windows in _windows)
        {
            foreach (var window in windows)
            {
                next = Math.Min(next, window.FromUs > afterUs ? window.FromUs : window.UntilUs > afterUs ? window.UntilUs : long.MaxValue);
            }
        }

        return next;
    }

    /// <summary>Ends what goes on of a class; what was recorded stays.</summary>
    public void End(RecordingClass kind, long atUs)
    {
        var windows = _windows[(int)kind];
        for (int i = 0; i < windows.Count; i++)
        {
            windows[i] = windows[i] with { UntilUs = Math.Min(windows[i].UntilUs, atUs) };
        }
    }

    /// <summary>Of a class; to be told anew.</summary>
    public void Clear(RecordingClass kind) => _windows[(int)kind].Clear();

    /// <summary>Forgets what is long over.</summary>
    public void Forget(long nowUs)
    {
        IsEmpty = true;
        foreach (var windows in _windows)
        {
            int over = 0;
            while (over < windows.Count && windows[over].UntilUs < nowUs - ForgetUs)
            {
                over++;
            }

            windows.RemoveRange(0, over);
            IsEmpty &= windows.Count == 0;
        }
    }

    private static TriggerWindow Join(TriggerWindow a, TriggerWindow b) =>
        a with { FromUs = Math.Min(a.FromUs, b.FromUs), UntilUs = Math.Max(a.UntilUs, b.UntilUs) };
}
