"""The words that offices print over columns, by what the column is for; decides nothing."""

NAME = "name"


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


ROLES: dict[str, tuple[str, ...]] = {
    "number": _words("序号 编号 序列 no. no serial serialno. serialnumber itemno. #"),
    "process": _words("过程 环节 公开环节 阶段"),
    "points": _words(
        "分值 权重 满分 标准分 分数 指标分值 考核分值 各项分值 基本分 基础分 满分值 分值权重 指标权重 "
        "标准分值 赋分 应得分 配分 分数值 考核分 考核分数 评价分值 评估分值 最高分 最高分值 百分比 占比 "
        "比重 比例 总分 总分值 标准分数 计分 分数分配 目标分 目标分值 "
        "points weight weights weighting marks maximumscore maxscore fullmarks fullscore"
    ),
    "score": _words(
        "得分 自评得分 自评分 自评分值 考核得分 实得分 评分 打分 自查得分 自测得分 实得分数 实际得分 "
        "核定得分 核定分 评估等级 评价等级 评定等级 合计得分 考评得分 考核评分 score selfscore actualscore scoreawarded"
    ),
    "deduction": _words(
        "扣分依据 失分原因 扣分原因 扣分情况 失分情况 扣分说明 失分说明 扣分理由 失分依据 扣减分数 扣分 扣减分 扣分事项"
    ),
    "method": _words(
        "评估方式 采样方式 考核方式 评估方法 考核方法 测评方式 采集方式 评价方式 考评方式 检查方式 "
        "考核途径 评分方式 数据来源 评分方法 考评办法 考核办法 实施方法 查证方式 "
        "method methods assessmentmethod evaluationmethod datasource datasources meansofverification"
    ),
    "unit": _words(
        "责任单位 责任处室 责任部门 责任科室 责任股室 承办单位 承担单位 落实单位 责任主体 主责单位 "
        "任务单位 责任单位(部门) 责任分工 任务分工 落实部门 责任科室及人员 考核对象 适用对象 适用单位 "
        "被考核单位 被评估单位 评估对象 实施主体 公开主体 实施单位 承办部门 单位 部门 科室 责任机构 "
        "负责单位 负责部门 负责科室 完成单位 执行单位 公开单位 责任股站 主管单位 主管部门 "
        "unit units department departments agency responsibleunit responsibleunits responsibledepartment "
        "responsibledepartments responsibleoffice responsibleagency responsibleparty"
    ),
    "unit-lead": _words("牵头单位 牵头处室 牵头部门 牵头科室 主办单位 主办处室 leadunit leaddepartment leadagency"),
    "unit-joint": _words("会同单位 共同负责单位 会办单位"),
    "unit-support": _words(
        "配合单位 配合处室 配合部门 协办单位 协助单位 参与单位 配合科室 "
        "supportingunit supportingunits supportingdepartments"
    ),
    "assessor": _words("负责考核部门 考核部门 考核单位 考评单位 评估单位 评分单位 assessor assessedby"),
    "leader": _words("责任领导 分管领导 牵头领导 包抓领导 责任人 负责人 联系人 责任局领导"),
    "deadline": _words(
        "完成时限 时限 完成时间 办理时限 时间要求 截止时间 完成期限 时间节点 公开时限 更新时限 进度安排 "
        "时间安排 报送时间 公开时间 更新周期 更新频率 办结时限 deadline duedate timeframe"
    ),
    "remark": _words("备注 说明 注 remark remarks note notes comments"),
    "criteria": _words(
        "评分标准 评分细则 计分标准 考核标准 评估标准 考评标准 评分办法 扣分标准 计分办法 考核细则 "
        "评价标准 得分标准 评分说明 工作要求 具体要求 评分规则 计分规则 评分依据 扣分细则 计分方法 "
        "赋分办法 赋分标准 赋分规则 "
        "计分细则 加扣分标准 评价要求 考核要求 任务要求 标准 细则 要求 评议标准 验收标准 "
        "criteria criterion scoringcriteria assessmentcriteria standard standards scoringstandard requirements"
    ),
    "content": _words(
        "评估点 考核内容 测评指标与考察点 考察点 评估内容 考评内容 测评内容 考核要点 评估要点 指标说明 "
        "指标内容 考核指标内容 具体内容 工作内容 测评要点 评价要点 评价内容 得分点 指标解释 主要内容 "
        "考核点 测评点 任务内容 检查内容 公开内容 工作目标 目标任务 具体措施 工作措施 主要措施 工作举措 "
        "考评要点 评分内容 考评细项 考核细项 评价细项 评分要点 细项 负面情形 情形 具体事项 目标要求 内容 "
        "具体任务 工作任务及要求 具体指标 指标要求 考核内容及标准 考核内容和标准 考核内容与标准 "
        "考核内容及要求 评估内容及标准 公开事项内容 指标描述 指标释义 "
        "content contents description assessmentpoint assessmentpoints checkpoint checkpoints details"
    ),
    NAME: _words(
        "考核项目 考核指标 指标 指标名称 项目 评估指标 测评指标 类别 工作任务 重点任务 任务 考核事项 事项 "
        "评价指标 考评项目 测评项目 主要任务 评估项目 任务名称 大项 小项 分项 子项 项 考核要素 考评要素 "
        "考评指标 工作事项 工作项目 工作类别 考核类别 指标类别 分类 公开事项 考核项 评分项 评估事项 "
        "评价项目 检查项目 考核名称 具体项目 检查指标 项目名称 一级 目标 考核目标 重点工作 工作 "
        "一级项目名称 维度 "
        "category categories indicator indicators item items dimension theme topic task"
    ),
}
