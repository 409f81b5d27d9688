using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using System.Text;
using Vms.WebRtc.Ice;

namespace Vms.Media.Egress.WebRtc;

/// <summary>Finds a session by its id (HTTP), by our user fragment (first check) and by the peer's address (everything after). Any thread.</summary>
internal sealed class WebRtcSessions
{
    private readonly ConcurrentDictionary<string, WebRtcSession> _byId = new();
    private readonly ConcurrentDictionary<string, WebRtcSession> _byFragment = new();
    private readonly ConcurrentDictionary<TransportAddress, WebRtcSession> _byAddress = new();
    private readonly ConcurrentDictionary<string, WebRtcSession>.AlternateLookup<ReadOnlySpan<char>> _byFragmentText;

    public WebRtcSessions() => _byFragmentText = _byFragment.GetAlternateLookup<ReadOnlySpan<char>>();

    public int Count => _byId.Count;

    public IEnumerable<WebRtcSession> All => _byId.Values;

    public void Add(WebRtcSession session)
    {
        AddFragment(session, session.Credentials.UserFragment);
        _byId[session.Id] = session;
    }

    public void AddFragment(WebRtcSession session, string fragment) => _byFragment[fragment] = session;

    /// <summary>One of our user fragments counts no more.</summary>
    public void Forget(string? fragment)
    {
        if (fragment is not null)
            _byFragment.TryRemove(fragment, out _);
    }

    /// <summary>The peer is not there any more.</summary>
    public void Forget(in TransportAddress address, WebRtcSession session) =>
        _byAddress.TryRemove(new KeyValuePair<TransportAddress, WebRtcSession>(address, session));

    /// <summary>The peer has proved that it can be reached there. An address moves with its browser to the newer session.</summary>
    public void Bind(in TransportAddress address, WebRtcSession session) => _byAddress[address] = session;

    public void Remove(WebRtcSession session)
    {
        _byId.TryRemove(session.Id, out _);
        foreach (var fragment in session.Fragments)
            Forget(fragment);
        foreach (var address in session.Addresses)
            Forget(address, session);
    }

    public bool TryFind(string id, [NotNullWhen(true)] out WebRtcSession? session) => _byId.TryGetValue(id, out session);

    public bool TryFind(in TransportAddress address, [NotNullWhen(true)] out WebRtcSession? session) =>
        _byAddress.TryGetValue(address, out session);

    /// <param name="fragment">ASCII, as in a check's user name.</param>
    /// <param name="session">Null when no session has it.</param>
    public bool TryFindByFragment(ReadOnlySpan<byte> fragment, [NotNullWhen(true)] out WebRtcSession? session)
    {
        session = null;
        Span<char> text = stackalloc char[IceCredentials.MaxLength];
        return fragment.Length <= text.Length
            && Encoding.ASCII.TryGetChars(fragment, text, out int length)
            && _byFragmentText.TryGetValue(text[..length], out session);
    }
}
