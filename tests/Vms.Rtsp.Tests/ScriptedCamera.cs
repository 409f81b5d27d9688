using System.Text;

namespace Vms.Rtsp.Tests;

/// <summary>The far end of an <see cref="RtspSession"/>: answers each request from a script and keeps what it was asked.</summary>
internal sealed class ScriptedCamera
{
    public const string Sdp = "v=0\r\nm=video 0 RTP/AVP 96\r\na=rtpmap:96 H264/90000\r\na=control:trackID=1\r\n";

    private readonly RtspMessageReader _fromCamera = new();
    private readonly Dictionary<string, Func<RtspMessage, string?>> _answers = new()
    {
        ["OPTIONS"] = _ => "200 OK\nPublic: OPTIONS, DESCRIBE, SETUP, PLAY, GET_PARAMETER, TEARDOWN",
        ["DESCRIBE"] = _ => $"200 OK\nContent-Type: application/sdp\nContent-Base: rtsp://10.0.0.5/s/\n\n{Sdp}",
        ["SETUP"] = _ => "200 OK\nSession: 1234;timeout=60\nTransport: RTP/AVP/TCP;unicast;interleaved=0-1",
        ["PLAY"] = _ => "200 OK\nSession: 1234\nRTP-Info: url=rtsp://10.0.0.5/s/trackID=1;seq=1;rtptime=2",
        ["GET_PARAMETER"] = _ => "200 OK",
        ["TEARDOWN"] = _ => "200 OK",
    };

    public List<RtspMessage> Requests { get; } = [];

    public IEnumerable<string> Methods => Requests.Select(r => r.Method);

    /// <param name="answer">Status line without version, headers, optionally an empty line and a body, separated by '\n'. Null: no answer.</param>
    public ScriptedCamera On(string method, Func<RtspMessage, string?> answer)
    {
        _answers[method] = answer;
        return this;
    }

    public ScriptedCamera On(string method, string? answer) => On(method, _ => answer);

    /// <summary>Carries bytes to and fro until nobody has anything to say.</summary>
    public void Run(RtspSession session, TimeSpan now)
    {
        var fromClient = new RtspMessageReader();
        while (session.TryTakeOutgoing(out byte[] bytes))
        {
            var request = fromClient.Read(bytes).Message!;
            Requests.Add(request);
            if (!request.IsResponse && _answers[request.Method](request) is { } answer)
                Say(session, Wire(answer, request.CSeq), now);
        }
    }

    public void Say(RtspSession session, string wire, TimeSpan now)
    {
        var item = _fromCamera.Read(Encoding.UTF8.GetBytes(wire));
        Assert.Equal(RtspItemKind.Message, item.Kind);
        session.Receive(item.Message!, now);
    }

    private static string Wire(string answer, int? cseq)
    {
        string[] parts = answer.Split("\n\n", 2);
        string body = parts.Length > 1 ? parts[1] : "";
        return $"RTSP/1.0 {parts[0].Replace("\n", "\r\n", StringComparison.Ordinal)}\r\nCSeq: {cseq}\r\nContent-Length: {Encoding.UTF8.GetByteCount(body)}\r\n\r\n{body}";
    }
}
