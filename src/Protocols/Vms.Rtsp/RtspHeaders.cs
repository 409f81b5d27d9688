namespace Vms.Rtsp;

/// <summary>Header lines in the order they came. Names compare without case ("Cseq" is common); a name may occur more than once
/// (two WWW-Authenticate lines are).</summary>
public sealed class RtspHeaders
{
    private readonly List<KeyValuePair<string, string>> _lines = [];

    public int Count => _lines.Count;

    /// <summary>The first value of <paramref name="name"/>, or null.</summary>
    public string? this[string name]
    {
        get
        {
            foreach (var (key, value) in _lines)
            {
                if (key.Equals(name, StringComparison.OrdinalIgnoreCase))
                    return value;
            }

            return null;
        }
    }

    public void Add(string name, string value) => _lines.Add(new(name, value));

    /// <summary>Every value of <paramref name="name"/>, in order.</summary>
    public IEnumerable<string> All(string name)
    {
        foreach (var (key, value) in _lines)
        {
            if (key.Equals(name, StringComparison.OrdinalIgnoreCase))
                yield return value;
        }
    }
}
