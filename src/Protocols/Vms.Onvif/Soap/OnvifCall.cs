using System.Xml.Linq;

namespace Vms.Onvif.Soap;

/// <summary>One operation of a device: what is asked, and how the answer is read.</summary>
/// <param name="Action">URI of SOAP's action.</param>
/// <param name="Body">The only child of the envelope's Body.</param>
/// <param name="Read">Null when the answer lacks what the operation is for.</param>
public sealed record OnvifCall<T>(OnvifService Service, string Action, XElement Body, Func<SoapAnswer, T?> Read)
    where T : class
{
    /// <summary>How much longer than usual the device may take to answer: a long poll.</summary>
    public TimeSpan MayWait { get; init; }

    /// <summary>WS-Addressing's headers are written: the events service and subscriptions want them, some devices stumble over them elsewhere.</summary>
    public bool IsAddressed { get; init; }

    /// <summary>Asked without credentials first, whatever is known of the device (ONVIF Core Specification, access class PRE_AUTH).</summary>
    public bool IsPublic { get; init; }
}

/// <summary>The answer of an operation that returns nothing.</summary>
public sealed class Done
{
    private static readonly Done s_instance = new();

    private Done()
    {
    }

    /// <summary>Any answer that is no fault.</summary>
    public static Done Of(SoapAnswer answer)
    {
        ArgumentNullException.ThrowIfNull(answer);
        return s_instance;
    }
}
