using System.Net.Sockets;
using System.Text;
using System.Threading.Channels;
using Vms.Media.Egress.Cmaf;

namespace Vms.Media.Egress.Hls;

internal enum HlsConnectionState : byte
{
    /// <summary>A request may come.</summary>
    Idle,

    /// <summary>The answer is not there yet.</summary>
    Waiting,

    /// <summary>The socket is full.</summary>
    Sending,
}

/// <summary>What a request asks for.</summary>
internal enum HlsFile : byte
{
    Playlist,
    Part,
    Segment,
    Init,
}

/// <summary>A player's connection, as long as its requests are the usual ones. Belongs to the <see cref="HlsServer"/>'s thread.</summary>
internal sealed class HlsConnection(Socket socket, ulong token, ChannelWriter<Socket> others)
{
    private byte[] _folder = [];

    public Socket Socket => socket;

    public ulong Token => token;

    /// <summary>Takes the socket when its next request is not for us.</summary>
    public ChannelWriter<Socket> Others => others;

    public HlsConnectionState State { get; set; }

    /// <summary>When the state has lasted too long.</summary>
    public TimeSpan Until { get; set; }

    /// <summary>Nothing is read until the answer is out.</summary>
    public bool IsPaused { get; set; }

    public string CameraId { get; private set; } = "";

    public string Stream { get; private set; } = "";

    public string Ticket { get; private set; } = "";

    /// <summary>The request that is being answered.</summary>
    public HlsFile File { get; set; }

    /// <summary>Of a segment, or of the playlist that is waited for.</summary>
    public long? Number { get; set; }

    public int? Part { get; set; }

    public bool Skip { get; set; }

    public bool AcceptsGzip { get; set; }

    public CmafWindow? Window { get; set; }

    public SegmentViewer? Viewer { get; set; }

    /// <summary>The answer's head is written here.</summary>
    public byte[] Head { get; } = new byte[512];

    /// <summary>The answer.</summary>
    public List<ReadOnlyMemory<byte>> Pieces { get; } = [];

    /// <summary>Shares in what the pieces lie in.</summary>
    public List<CmafPart> Parts { get; } = [];

    /// <summary>The first piece that is not out, and how much of it is.</summary>
    public (int Piece, int Offset) Sent { get; set; }

    /// <summary>Bytes of the answer's body.</summary>
    public int BodyLength { get; set; }

    /// <summary>Remembers whose the requests are: the next ones have the same folder.</summary>
    public void Recognize(in HlsRequestHead head)
    {
        if (head.Folder.SequenceEqual(_folder))
            return;
        _folder = head.Folder.ToArray();
        (CameraId, Stream, Ticket) = (Encoding.ASCII.GetString(head.CameraId), Encoding.ASCII.GetString(head.Stream), Encoding.ASCII.GetString(head.Ticket));
    }

    /// <summary>Gives back what the answer lies in.</summary>
    public void ReleaseAnswer()
    {
        foreach (var part in Parts)
            part.Release();
        Parts.Clear();
        Pieces.Clear();
        Sent = default;
        BodyLength = 0;
    }
}
