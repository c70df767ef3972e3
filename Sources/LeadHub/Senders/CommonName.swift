import HTTP

/// What people call a lead's fields in English when they make a form.
enum CommonName {
    /// Words that say nothing of what is asked for.
    private static let idleWords: Set<String> = [
        "your", "my", "the", "enter", "please", "what", "is", "s", "required", "optional",
    ]

    /// What a lead's data often lies in; anything else may be of somebody else, as `owner.email`.
    private static let wrappers: Set<String> = [
        "body", "contact", "customer", "data", "fields", "lead", "payload", "person",
    ]

    /// Longer names are none of these.
    private static let longestInBytes = 48

    /// The fields that a name must say exactly.
    private static let fields = Set(
        Lead.fields.filter { !$0.rules.contains(.readOnly) && $0.name != "custom_fields" }.map(\.name)
            + ["full_name", "name"]
    )

    /// Written together, without idle words.
    private static let names: [String: String] = {
        let lists: KeyValuePairs = [
            "email": "email mail emailaddress emailid mailaddress workemail businessemail contactemail primaryemail",
            "phone": """
            phone phonenumber phoneno tel telephone telephonenumber telno mobile mobilephone mobilenumber mobileno \
            cell cellphone cellnumber contactnumber contactphone workphone businessphone homephone
            """,
            "first_name": "firstname fname givenname forename",
            "last_name": "lastname lname surname familyname",
            "full_name": "name fullname contactname leadname",
            "company": """
            company companyname organisation organization organisationname organizationname business businessname \
            firm employer
            """,
            "job_title": "jobtitle job jobrole jobposition position role",
            "country": "country countryname",
            "industry": "industry sector",
            "company_size": "companysize organisationsize organizationsize teamsize numberofemployees employees",
            "linkedin_url": "linkedin linkedinurl linkedinprofile linkedinprofileurl",
            "notes": """
            notes note message comment comments question questions enquiry inquiry remarks additionalinformation \
            additionalcomments
            """,
            "source": "leadsource",
        ]
        let pairs = lists.flatMap { field, names in names.split(separator: " ").map { (String($0), field) } }
        return Dictionary(pairs) { first, _ in first }
    }()

    /// The field that a detail names exactly.
    static func exact(_ detail: Detail) -> String? { fields.contains(detail.name) ? detail.name : nil }

    /// The field that one of a detail's names is common for.
    static func field(for detail: Detail) -> String? {
        field(for: detail.name) ?? detail.otherNames.lazy.compactMap { field(for: $0) }.first
    }

    static func field(for name: String) -> String? {
        guard (1...longestInBytes).contains(name.utf8.count) else { return nil }
        var steps = name.split(separator: ".", omittingEmptySubsequences: false)[...]
        while steps.count > 1, let first = steps.first, wrappers.contains(first.lowercased()) { steps.removeFirst() }
        if steps.count == 2, ["name", "full_name"].contains(steps.first), let part = steps.last,
            let field = Intake.nameParts[String(part)]
        {
            return field
        }
        let isPath = steps.count > 1 && steps.dropFirst().allSatisfy { $0.first.map { !$0.isWhitespace } ?? false }
        guard !isPath, var words = words(steps.joined(separator: " ")) else { return nil }
        // Form builders number what they add: `tel-533`.
        while let last = words.last, words.count > 1, last.allSatisfy(\.isNumber) { words.removeLast() }
        return names[words.filter { !idleWords.contains($0) }.joined()]
    }

    /// The words of a name in lower case, `firstName` as two; nil where a letter is none of English.
    private static func words(_ name: String) -> [String]? {
        var words: [String] = []
        var before: Unicode.Scalar = " "
        for scalar in name.unicodeScalars {
            let kind = kind(scalar)
            guard kind != .foreign else { return nil }
            if kind != .other {
                if kind != self.kind(before) && !(kind == .small && self.kind(before) == .capital) { words.append("") }
                words[words.count - 1].unicodeScalars.append(
                    kind == .capital ? Unicode.Scalar(UInt8(scalar.value) + 32) : scalar
                )
            }
            before = scalar
        }
        return words
    }

    private enum Kind { case small, capital, digit, other, foreign }

    private static func kind(_ scalar: Unicode.Scalar) -> Kind {
        switch scalar {
        case "a"..."z": .small
        case "A"..."Z": .capital
        case "0"..."9": .digit
        default: scalar.properties.isAlphabetic ? .foreign : .other
        }
    }
}
