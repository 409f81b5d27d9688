namespace Vms.Onvif.Soap;

/// <summary>What a fault means for the one who asked.</summary>
public enum SoapFaultKind
{
    /// <summary>Whatever else: a token that is not there, a value out of range, a device that is busy.</summary>
    Refused,

    /// <summary>No credentials, or wrong ones, or right ones without the right.</summary>
    NotAuthorized,

    /// <summary>The time in the credentials is too far from the device's clock.</summary>
    Expired,

    /// <summary>The device does not know the operation.</summary>
    NotSupported,
}

/// <summary>A SOAP fault, 1.2 or 1.1 (ONVIF Core Specification §5.8.2).</summary>
/// <param name="Codes">Local names of code and subcodes, outermost first: Sender, NotAuthorized.</param>
/// <param name="Reason">As the device words it; at most <see cref="MaxReason"/> characters.</param>
public sealed record SoapFault(SoapFaultKind Kind, IReadOnlyList<string> Codes, string Reason)
{
    public const int MaxReason = 256;

    /// <summary>Subcodes in each other; deeper ones are left out.</summary>
    public const int MaxCodes = 8;

    public static SoapFault Read(SoapElement fault)
    {
        var codes = new List<string>();
        for (var code = fault.Child("Code"); code is not null && codes.Count < MaxCodes; code = code.Child("Subcode"))
        {
            if (code.TextAt("Value") is { } value)
                codes.Add(LocalName(value));
        }

        if (fault.TextAt("faultcode") is { } old)
            codes.Add(LocalName(old));
        string reason = fault.TextAt("Reason", "Text") ?? fault.TextAt("faultstring") ?? fault.TextAt("Reason") ?? "";
        if (reason.Length > MaxReason)
            reason = reason[..MaxReason];
        return new SoapFault(KindOf(codes, reason), codes, reason);
    }

    private static SoapFaultKind KindOf(List<string> codes, string reason)
    {
        foreach (string code in codes)
        {
            switch (code)
            {
                case "MessageExpired":
                    return SoapFaultKind.Expired;
                case "NotAuthorized" or "SenderNotAuthorized" or "FailedAuthentication" or "FailedCheck" or "InvalidSecurity" or "InvalidSecurityToken" or "OperationProhibited":
                    return SoapFaultKind.NotAuthorized;
                case "ActionNotSupported" or "OptionalActionNotImplemented" or "NotImplemented" or "NoSuchService" or "UnknownAction" or "CapabilityViolated" or "MustUnderstand":
                    return SoapFaultKind.NotSupported;
                default:
                    break;
            }
        }

        // Devices without subcodes, or with ones of their own, say it in words; gSOAP's "method name or namespace not recognized" among them.
        return Says(reason, "not authorized") || Says(reason, "unauthorized") || Says(reason, "authority failure") ? SoapFaultKind.NotAuthorized
            : Says(reason, "not implemented") || Says(reason, "not supported") || Says(reason, "not recognized") ? SoapFaultKind.NotSupported
            : SoapFaultKind.Refused;
    }

    private static bool Says(string reason, string words) => reason.Contains(words, StringComparison.OrdinalIgnoreCase);

    private static string LocalName(string name) => name[(name.LastIndexOf(':') + 1)..].Trim();
}
