using Vms.Rtsp;

namespace Vms.Media.Ingest.Replay;

/// <summary>A device does not give what it recorded.</summary>
/// <param name="code">Stable: contracts/media.proto, FetchFootage.</param>
/// <param name="detail">One sentence for the operator, without credentials.</param>
internal sealed class FootageFetchException(string code, string detail) : Exception(detail)
{
    public const string Unreachable = "unreachable";
    public const string Timeout = "timeout";
    public const string BadCredentials = "badCredentials";
    public const string BadCertificate = "badCertificate";
    public const string NoFootage = "noFootage";
    public const string UnsupportedCodec = "unsupportedCodec";
    public const string ProtocolViolation = "protocolViolation";
    public const string NoTimes = "noTimes";
    public const string WrongTimes = "wrongTimes";
    public const string BrokeOff = "brokeOff";

    public string Code => code;

    /// <param name="played">Something came before: then a lost session is one that broke off.</param>
    public static FootageFetchException From(RtspFailure failure, bool played) => new(
        failure.Kind switch
        {
            RtspFailureKind.BadCredentials or RtspFailureKind.CredentialsMissing => BadCredentials,
            RtspFailureKind.NoSuchPath or RtspFailureKind.NoSuchRange => NoFootage,
            RtspFailureKind.UnsupportedCodec => UnsupportedCodec,
            RtspFailureKind.Timeout when !played => Timeout,
            RtspFailureKind.Timeout or RtspFailureKind.SessionLost => BrokeOff,
            RtspFailureKind.Refused => Unreachable,
            _ => ProtocolViolation,
        },
        failure.Detail);
}
