namespace Vms.Control.Auth;

/// <summary>
/// Slows down guessing: after five failures in a row for one address and user name each further try has to wait, twice as long
/// each time (5 s to 5 min); one address gets thirty failures a minute over all names. Any thread.
/// </summary>
/// <remarks>A try is charged before the password is checked, so that a thousand at once count as a thousand; a success gives back
/// what the pair was charged. Sans-I/O: the caller says what time it is.</remarks>
internal sealed class LoginThrottle
{
    private const int FreeFailures = 5;
    private const int FailuresPerAddress = 30;
    private const int MaxEntries = 10_000;
    private static readonly TimeSpan s_firstWait = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan s_longestWait = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan s_forgetAfter = TimeSpan.FromMinutes(15);
    private static readonly TimeSpan s_addressWindow = TimeSpan.FromMinutes(1);

    private readonly Lock _gate = new();
    private readonly Dictionary<string, Entry> _pairs = new(StringComparer.OrdinalIgnoreCase);
    private readonly Dictionary<string, Entry> _addresses = new(StringComparer.Ordinal);

    /// <returns>How long to wait before the next try; zero when this one may go on.</returns>
    public TimeSpan Enter(string address, string username, DateTimeOffset now)
    {
        lock (_gate)
        {
            var byAddress = EntryOf(_addresses, address, now);
            if (now - byAddress.Since >= s_addressWindow)
                (byAddress.Failures, byAddress.Since) = (0, now);
            if (byAddress.Failures >= FailuresPerAddress)
                return byAddress.Since + s_addressWindow - now;

            var pair = EntryOf(_pairs, KeyOf(address, username), now);
            if (pair.BlockedUntil > now)
                return pair.BlockedUntil - now;

            byAddress.Failures++;
            pair.Failures++;
            pair.Last = byAddress.Last = now;
            if (pair.Failures >= FreeFailures)
            {
                var wait = s_firstWait * Math.Pow(2, Math.Min(pair.Failures - FreeFailures, 10));
                pair.BlockedUntil = now + (wait < s_longestWait ? wait : s_longestWait);
            }

            return TimeSpan.Zero;
        }
    }

    public void Succeeded(string address, string username)
    {
        lock (_gate)
        {
            _pairs.Remove(KeyOf(address, username));
            if (_addresses.TryGetValue(address, out var byAddress) && byAddress.Failures > 0)
                byAddress.Failures--;
        }
    }

    private static string KeyOf(string address, string username) =>
        address + "\n" + (username.Length > 64 ? username[..64] : username).Trim();

    private static Entry EntryOf(Dictionary<string, Entry> entries, string key, DateTimeOffset now)
    {
        if (entries.TryGetValue(key, out var entry) && now - entry.Last <= s_forgetAfter)
            return entry;
        if (entries.Count >= MaxEntries)
            Shrink(entries, now);
        return entries[key] = new Entry { Since = now, Last = now };
    }

    private static void Shrink(Dictionary<string, Entry> entries, DateTimeOffset now)
    {
        foreach (var (key, entry) in entries)
        {
            if (now - entry.Last > s_forgetAfter)
                entries.Remove(key);
        }

        // Still full: an attack with made-up names. The oldest half goes; the limit per address still holds the attacker.
        if (entries.Count >= MaxEntries)
        {
            foreach (var key in entries.OrderBy(e => e.Value.Last).Take(MaxEntries / 2).Select(e => e.Key).ToList())
                entries.Remove(key);
        }
    }

    private sealed class Entry
    {
        public int Failures;
        public DateTimeOffset Since;         // start of the address's window
        public DateTimeOffset Last;
        public DateTimeOffset BlockedUntil;
    }
}
